from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.text.words import by_characters, count_words, length_in_words, terms, words


@each(
    ("text", "expected"),
    [
        ("The CAT's hat", ["the", "cat", "s", "hat"]),
        ("3.5 km, 1,000 and 7.", ["3.5", "km", "1,000", "and", "7"]),
        ("GPT-4 v1.2", ["gpt", "4", "v1", "2"]),
        ("Ёлка, ЙОД", ["ёлка", "йод"]),
        ("и\u0306од", ["йод"]),
        ("ﬁne m²", ["fine", "m2"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("Straße", ["strasse"]),
        ("?! …", []),
        ("הבית הגדול", ["הבית", "הגדול"]),
        ("الكتابُ الكبير", ["الكتاب", "الكبير"]),
        ("桥长3.5米，GPT-4", ["桥", "长", "3.5", "米", "gpt", "4"]),
        ("1,000円です", ["1,000", "円", "で", "す"]),
        ("ที่นี่", ["ที่", "นี่"]),  # a consonant with its vowel and its tone
        ("한국어 단어", ["한국어", "단어"]),  # Korean has spaces
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_read_as_any_other(text):
    """Text of ASCII only takes a shorter way."""
    assert words(text + " я") == [*words(text), "я"]


@each(
    ("text", "expected"),
    [
        ("The CAT's hat", ["the", "cat", "s", "hat"]),
        ("这座桥", ["这", "座", "桥", "这座", "座桥"]),
        ("桥", ["桥"]),
        ("建于1931年 GPT", ["建", "于", "建于", "1931", "年", "gpt"]),
        ("タワー", ["タワ", "ワー"]),
        ("東京タワー", ["東", "京", "東京", "京タ", "タワ", "ワー"]),
        ("の", ["の"]),
        ("ที่นี่ไหม", ["ที่นี่", "นี่ไ", "ไห", "หม"]),
        ("a well-\nknown fact", ["a", "wellknown", "fact", "well", "known"]),
        ("ISPARTA Isparta ısparta İzmir", ["isparta", "isparta", "isparta", "izmir"]),
        ("서울은 큰", ["서울은", "서울", "울은", "큰"]),
        ("서울 GPT-4", ["서울", "gpt", "4"]),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


def test_terms_by_a_dictionary():
    found = terms("看见大桥3座 GPT", segment=lambda run: [run[:2], run[2:]] if run[2:] else [run])
    assert found == ["看见", "大桥", "3", "座", "gpt"]


@each(
    ("reference", "answer", "language", "expected"),
    [
        ("41米", "高41米", "", True),
        ("3.5 m", "3.5 m long", "", False),
        ("41", "41米", "", True),  # no letters: by the answer
        ("Python 3", "Python语言", "", False),
        ("Go", "Go语", "zh", True),
        ("서울이다", "서울", "", True),
        ("Samsung 사", "Samsung", "", False),
        ("Go", "Go", "ko", True),
        ("桥", "桥", "en", False),
    ],
)
def test_by_characters(reference, answer, language, expected):
    assert by_characters(reference, answer, language) is expected


@each(
    ("text", "expected"),
    [
        ("one two-three", 2), ("桥", 1), ("这座桥", 2), ("这座桥 这座桥", 4), ("桥长3.5米", 3),
        ("a" * 100, 1), ("a" * 101, 2), ("alpha,beta;gamma", 3), ("1,000", 1), ("", 0),
        ("桥," * 3, 3), ("é" * 250, 3),
    ],
)  # fmt: skip
def test_length_in_words(text, expected):
    assert length_in_words(text) == expected


PIECES = st.text(st.sampled_from("ab,; 桥长3ทีé-"), max_size=160)


@given(PIECES, PIECES)
def test_two_texts_are_not_longer_than_their_sum(one, other):
    assert length_in_words(one + other) <= length_in_words(one) + length_in_words(other)


def test_counted_words():
    assert count_words("What is GPT-4?") == 4
    assert count_words("洛恩桥是哪一年建成的？") == 5
