"""Free-text scores in languages without spaces, and of texts written in other ways."""

import unicodedata

import pytest
from cases import each
from pydantic import ValidationError

from modellab.core.records import Prediction, Question, Status
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.open_qa.overlap import bleu_tokenizer, exact_match, token_f1
from modellab.tasks.scorer import Material

BUILT, SAID = "1931年3月", "1931年3月建成"
TURKISH = "Isparta gülleriyle, Iğdır kayısısıyla bilinir ve ılıman iklimi ile insanları çeker. " * 4


def marks(reference, answer, text="哪一年？", language="auto", **options):
    question = Question("q", text, {}, {"answer": reference}, ())
    row = Prediction("q", "none", 1, Status.ANSWERED, {"answer": answer}, answer, "k")
    scorer = parse_scorer({"kind": "texts", **options}).in_language(language)
    made = scorer.make(parse_task("open_qa"), Material([question], [row]))
    scored = made.score(question, row)
    return scored.marks | {
        name: metric.value for name, metric in made.summarize({"q": question}, [scored]).items()
    }


def test_marks_by_hand():
    found = marks(BUILT, SAID)
    assert found["exact_match"] == 0.0
    assert found["token_f1"] == pytest.approx(2 * 7 / (7 + 9))  # seven characters of nine
    assert found["rouge2"] == pytest.approx(2 * 6 / (6 + 8))
    assert found["rougeL"] == pytest.approx(2 * 7 / (7 + 9))
    # sacrebleu's zh leaves numbers whole: 1931 年 3 月, and 建 成
    expected = (4 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert found["bleu_corpus"] == pytest.approx(expected)
    assert found["bleu"] == pytest.approx(expected)


@each(
    ("reference", "answer", "text", "f1"),
    [
        ("Python", "Python语言", "用什么语言？", 2 * 6 / (6 + 8)),  # the question is Chinese
        ("three boats", "three ships", "How many?", 1 / 2),  # by words among Chinese questions
        ("41メートル", "約41メートル", "高さは？", 2 * 6 / (6 + 7)),
        ("สี่ ชั่วโมง", "สี่ชั่วโมง", "นานเท่าไร", 1.0),  # spaces do not matter
        ("41", "41 m", "How high?", 2 / 3),
    ],
)
def test_each_question_in_its_language(reference, answer, text, f1):
    assert marks(reference, answer, text)["token_f1"] == pytest.approx(f1)


def test_a_declared_language_takes_precedence_over_the_script():
    assert marks("41 m", "41 km", "How high?")["token_f1"] == pytest.approx(1 / 2)
    by_character = marks("41 m", "41 km", "How high?", language="zh")["token_f1"]
    assert by_character == pytest.approx(2 * 3 / (3 + 4))
    own = parse_scorer({"kind": "texts", "language": "en"})
    assert own.in_language("zh").language == "en"


def test_turkish_case_where_the_texts_are_turkish():
    assert marks("Isı", "ısı", TURKISH)["exact_match"] == 1.0
    assert marks("sınır", "sinir", TURKISH)["exact_match"] == 0.0
    assert marks("ISI", "isi", "What?")["exact_match"] == 1.0


@each(
    ("one", "other"),
    [
        ("1931 年 3 月", "1931年3月"),
        ("１９３１年", "1931年"),
        ("١٩٣١", "1931"),
        ("Straße", "STRASSE"),
        ("mea\u00adsure\u200bment", "measure-\nment"),
        ("İstanbul", "istanbul"),
        (unicodedata.normalize("NFD", "ガイド Café"), "ガイド café"),
    ],
)
def test_the_same_written_in_another_way(one, other):
    assert exact_match(one, other) == token_f1(one, other) == 1.0


def test_tokenizers_of_bleu():
    assert bleu_tokenizer(["洛恩桥", "灯塔 GPT"]) == "zh"
    assert bleu_tokenizer(["橋の長さ"]) == bleu_tokenizer(["สะพาน"]) == "char"
    assert bleu_tokenizer(["the bridge", "桥"]) == bleu_tokenizer([]) == "intl"
    assert bleu_tokenizer(["the bridge"], "zh") == "zh"


def test_a_tokenizer_of_ones_own():
    assert marks("橋は長い", "橋は長い", bleu_tokenizer="ja-mecab")["bleu_corpus"] == pytest.approx(
        1
    )
    by_words = marks("この橋は長い", "その橋は長い", "？", bleu_tokenizer="ja-mecab")
    # この 橋 は 長い: three of four words, two of three pairs, one of two triples
    assert by_words["token_f1"] == pytest.approx(5 / 6)
    assert 0 < by_words["bleu"] < marks("この橋は長い", "その橋は長い", "？")["bleu"]


def test_a_tokenizer_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("modellab.tasks.open_qa.scorer.find_spec", lambda name: None)
    with pytest.raises(ValidationError, match="segmenters"):
        parse_scorer({"kind": "texts", "bleu_tokenizer": "ja-mecab"})
