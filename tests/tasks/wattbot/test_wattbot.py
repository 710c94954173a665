import json

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Question, Status
from modellab.core.text.escape import storable
from modellab.tasks import parse_task
from modellab.tasks.wattbot.task import FIELDS, WattBotOptions

TASK = WattBotOptions(kind="wattbot")
# what a model may write: any text, and text that looks like the JSON it was asked for
PIECES = ["{", "}", "[", "]", '"', "'", ":", ",", "\\", "\\ud800", "answer_value", "NaN", "1e999"]
WORDS = ["<think>", "</think>", "```json\n", "```", "null", "true", "5", " ", "\n"]
ANY_TEXT = st.text() | st.lists(st.sampled_from(PIECES + WORDS) | st.text(max_size=3)).map("".join)


def value_of(text):
    parsed = TASK.parse(text)
    return parsed.answer.get("answer_value")


def question(**given):
    return Question("q1", "How much?", given, {"answer_value": "5"}, ())


def test_the_registry_has_the_task():
    assert parse_task("wattbot").fields == FIELDS
    assert FIELDS == ("answer", "answer_value", "answer_unit", "ref_id", "explanation")


@pytest.mark.parametrize(
    ("unit", "shown"), [("kWh", "kWh"), ("is_blank", None), ("", None), ("N/A", None)]
)
def test_a_prompt_sees_the_unit_but_no_truth(unit, shown):
    variables = TASK.variables(question(answer_unit=unit), ())
    assert variables == {"question": "How much?", "unit": shown, "passages": ()}


def test_a_question_without_a_unit_has_none():
    assert TASK.variables(question(), ())["unit"] is None


@each(
    "text",
    [
        '{"answer_value": "5"}',
        '  {"answer_value": "5"}\n',
        '```json\n{"answer_value": "5"}\n```',
        'The answer is {"answer_value": "5"}, I think.',
        'The set {a, b} is no JSON. {"answer_value": "5"}',
        '<think>maybe {"answer_value": "4"}</think>{"answer_value": "5"}',
        'maybe {"answer_value": "4"} or so</think>{"answer_value": "5"}',
        '{"answer_value": "5"} and {"answer_value": "5"}',
        'I take {"answer_value": "4"}. No. Final answer: {"answer_value": "5"}',
        'The form is {"answer_value": "<number>"}. So {"answer_value": "5"}',
        '{"explanation": "a } and a \\" in a text", "answer_value": "5"}',
        "{'answer_value': '5'}",
        "{\u201canswer_value\u201d: \u201c5\u201d}",
        "{\u201danswer_value\u201d: \u201d5\u201d, \u201dmore\u201d: \u201dit\u2019s\u201d}",
        '{"answer_value": "5", }',
        '{"answer_value": "5", "explanation": "cut off in the mid',
        '{"answer_value": "5", "more": {"x": 1}',
        '[{"answer_value": "5"}]',
    ],
)
def test_an_answer_is_found(text):
    parsed = TASK.parse(text)
    assert parsed.status == Status.ANSWERED
    assert parsed.answer["answer_value"] == "5"


@each(
    "text",
    [
        "",
        "five",
        "5",
        "[]",
        "{}",
        '"answer_value"',
        '{"answer": "5"}',
        '{"question": 1} {"answer_value": "5"}',
        '{"answer": {"answer_value": "5"}}',
        '<think>{"answer_value": "5"}</think>',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_what_cannot_be_read_is_unparsed(text):
    parsed = TASK.parse(text)
    assert parsed.status == Status.UNPARSED
    assert parsed.answer == {}


@each(
    ("written", "text"),
    [
        ('"1,438 "', "1,438 "),
        ('"\\u00e9 \\n"', "é \n"),
        ("1287.0", "1287"),
        ("1287", "1287"),
        ("-0.0", "0"),
        ("4.30", "4.3"),
        ("2e9", "2000000000"),
        ("1e16", "10000000000000000"),
        ("0.00001", "0.00001"),
        ("0.1", "0.1"),
        ("1e300", "1e+300"),
        ("1e999", "1e999"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("9" * 5000, "9" * 5000),
        ("true", "1"),
        ("false", "0"),
        ("null", "is_blank"),
        ("[80, 90.0]", "[80,90]"),
        ('["a", "é"]', '["a","é"]'),
        ("[NaN]", '["NaN"]'),
        ('{"low": 80.0}', '{"low":80}'),
        ('"\\ud800"', "\ufffd"),
    ],
)
def test_values_become_text(written, text):
    assert value_of(f'{{"answer_value": {written}}}') == text


@each(
    "value",
    [
        "",
        " ",
        "NA",
        "n/a",
        "IS_BLANK",
        "Unable to answer with confidence based on the provided documents.",
        "Not specified.",
        "The documents do not say.",
    ],
)
def test_a_blank_value_is_an_abstention(value):
    assert TASK.parse(json.dumps({"answer_value": value})).status == Status.ABSTAINED


@each("value", ["none", "null", "nan", "0", "unable to answer"])
def test_other_values_are_answers(value):
    assert TASK.parse(json.dumps({"answer_value": value})).status == Status.ANSWERED


def test_fields_that_are_missing_are_blank_and_others_left_out():
    parsed = TASK.parse('{"answer_value": 5, "ref_id": ["a"], "confidence": 0.9}')
    assert parsed.answer == {
        "answer": "is_blank",
        "answer_value": "5",
        "answer_unit": "is_blank",
        "ref_id": '["a"]',
        "explanation": "is_blank",
    }


@given(text=ANY_TEXT)
def test_no_text_is_an_error_and_every_field_can_be_written(text):
    parsed = TASK.parse(text)
    assert set(parsed.answer) in (set(), set(FIELDS))
    assert (parsed.status == Status.UNPARSED) == (not parsed.answer)
    for field in parsed.answer.values():
        field.encode()


@given(fields=st.fixed_dictionaries(dict.fromkeys(FIELDS, st.text(st.characters(codec="utf-8")))))
def test_texts_are_kept_letter_by_letter(fields):
    kept = {name: storable(text) for name, text in fields.items()}
    assert TASK.parse(json.dumps(fields)).answer == kept
    assert TASK.parse(json.dumps(fields, ensure_ascii=False)).answer == kept


@pytest.mark.parametrize(
    "text",
    [
        '{"answer_value": "5"} and {"answer_value": "6"}',
        'Maybe {"answer_value": "4"}, wait: ```json\n{"answer_value": "5"}\n```',
    ],
)
def test_objects_that_differ_are_not_read_as_the_first(text):
    parsed = TASK.parse(text)
    assert (parsed.status, parsed.answer) == (Status.UNPARSED, {})
    assert "differ" in parsed.reason
