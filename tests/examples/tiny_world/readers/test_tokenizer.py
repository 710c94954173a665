from random import Random

from tiny_world.facts import KNOWN_VOICE
from tiny_world.lessons import Level, lesson
from tiny_world.readers import answers
from tiny_world.readers.tokenizer import build_tokenizer


def ids(tokenizer, text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def test_any_text_comes_back_as_it_was(tokenizer):
    random = Random(1)
    notes = [n for _ in range(20) for n in lesson(random, Level(5, 2, 1)).notes]
    for text in (*(note.text for note in notes), "Größe: 1,5 µm — 你好\n\n\ttab  two  spaces"):
        assert tokenizer.decode(ids(tokenizer, text)) == text


def test_it_is_made_the_same_each_time(tokenizer):
    again = build_tokenizer()
    assert again.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()


def test_numbers_are_read_by_two_digits_and_words_of_the_world_whole(tokenizer):
    assert tokenizer.tokenize(" 91,304") == ["Ġ91", ",", "30", "4"]
    assert len(ids(tokenizer, " training energy of the")) == 4


def test_a_value_has_the_same_tokens_in_an_answer_as_in_a_text(tokenizer):
    answer = ids(tokenizer, answers.answer("91,304", "velkor2021"))
    assert answer[1:-1] == [
        *ids(tokenizer, " 91,304"),
        *ids(tokenizer, answers.MIDDLE),
        *ids(tokenizer, "velkor2021"),
    ]
    assert tokenizer.decode(answer) == '{"answer_value": "91,304", "ref_id": ["velkor2021"]}'
    assert len(ids(tokenizer, answers.BLANK)) == 1


def test_questions_of_the_world_are_short(tokenizer):
    random = Random(2)
    asked = [a for _ in range(50) for a in lesson(random, Level(3, 2, 2), KNOWN_VOICE).asked]
    assert max(len(ids(tokenizer, f"\n? {one.text}")) for one in asked) < 24
