import pytest
from cases import each
from pydantic import TypeAdapter, ValidationError

from modellab.core.text.dictionaries import dictionary, dictionary_trouble
from modellab.core.text.languages import LanguageOption, language_of, languages_of, main_language
from modellab.core.text.words import language_of_script

ENGLISH = "The bridge was opened in March 1931 and is as long as the harbour is wide. " * 4
GERMAN = "Die Brücke wurde im März 1931 eröffnet und ist so lang wie der Hafen breit ist. " * 4


@each(
    ("text", "code"),
    [
        ("洛恩桥是哪一年建成的？", "zh"), ("この橋の長さは？", "ja"), ("東京タワー", "ja"),
        ("สะพานยาวเท่าไร", "th"), ("ຂົວຍາວ", "lo"), ("ស្ពានវែង", "km"), ("တံတား", "my"),
        ("Python语言", "zh"), ("What does 麻婆豆腐 mean in English?", ""), ("1931", ""), ("", ""),
        ("优衣库の新店在上海南京路开业了吗", "zh"),
    ],
)  # fmt: skip
def test_language_of_a_script(text, code):
    assert language_of_script(text) == code


def test_language_of_short_texts():
    assert language_of("41") == "unsure"
    assert language_of("桥长吗") == "zh"


def test_main_language():
    assert main_language([ENGLISH]) == "en"
    assert main_language([GERMAN] * 9 + [ENGLISH]) == "de"
    assert main_language([GERMAN] * 5 + [ENGLISH] * 5) == ""  # mixed
    assert main_language(["The cat sat on the mat."]) == ""  # too little to tell
    assert main_language(["桥长吗", "灯塔"]) == "zh"  # by script
    assert main_language([ENGLISH], "tr") == "tr"
    assert main_language([]) == ""


def test_many_texts_are_sampled():
    assert languages_of([ENGLISH[:80]] * 1000).total() == 200


@pytest.mark.parametrize(
    ("said", "code"), [("zh", "zh"), ("zh-TW", "zh"), ("pt_BR", "pt"), ("auto", "auto")]
)
def test_codes(said, code):
    assert TypeAdapter(LanguageOption).validate_python(said) == code


@pytest.mark.parametrize(
    ("said", "hint"), [("chinese", "'zh'"), ("xx", "two letters"), ("german", "'de'")]
)
def test_unknown_language_codes(said, hint):
    with pytest.raises(ValidationError, match=hint):
        TypeAdapter(LanguageOption).validate_python(said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "run", "word"),
    [
        ("zh", "港口可以停泊多少艘船", "港口"),
        ("ja", "東京の高さは何メートルですか", "メートル"),
        ("th", "สะพานสร้างเมื่อใด", "สะพาน"),
    ],
)
def test_words_of_a_dictionary(code, run, word):
    found = dictionary(code)(run)
    assert word in found
    assert len(found) < len(run)


def test_languages_without_a_dictionary():
    assert "zh, ja, th" in dictionary_trouble("km")
    with pytest.raises(Exception, match="use pairs"):
        dictionary("")


def test_a_dictionary_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("modellab.core.text.dictionaries.find_spec", lambda name: None)
    assert "pip install 'modellab[segmenters]'" in dictionary_trouble("zh")
