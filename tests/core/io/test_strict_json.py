import json

import pytest

from modellab.core.errors import InputError
from modellab.questions import parse_format


def read(tmp_path, text, kind="jsonl", name="q.jsonl"):
    path = tmp_path / name
    path.write_text(text)
    return parse_format(kind).read(path)


@pytest.mark.parametrize(
    ("number", "text"),
    [("1998.0", "1998"), ("14.0", "14"), ("1e-05", "0.00001"), ("0.30", "0.3"), ("1e3", "1000"),
     ("-2.50", "-2.5"), ("7", "7"), ('"1998.0"', "1998.0"), ("1e300", "1e+300")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(tmp_path, number, text):
    row = f'{{"id": 1.0, "question": "How much?", "answer": {number}, "given": {{"n": {number}}}, '
    row += f'"truth": {{"answer_value": {number}}}}}'
    [question] = read(tmp_path, row)
    assert question.truth == {"answer_value": text, "answer": text}
    assert question.given == {"n": text}
    assert question.id == "1"


def test_a_wanted_record_keeps_its_numbers(tmp_path):
    [question] = read(tmp_path, '{"id": "a", "record": {"n": 14.0, "m": 1e-05, "t": "1.0"}}')
    assert json.loads(question.truth["record"]) == {"n": 14, "m": 1e-05, "t": "1.0"}


GOOD = '{"id": "a", "question": "x", "answer": "5"}'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (GOOD + '\n{"id": "b", "answer": NaN}', "q.jsonl:2: answer: NaN"),
        (f'[{GOOD}, {{"id": "b", "answer": -Infinity}}]', "q.jsonl: row 2: answer: -Infinity"),
        ('{"truth": {"answer_value": Infinity}}', "q.jsonl:1: truth.answer_value: Infinity"),
        ('{"references": ["a", NaN]}', "q.jsonl:1: references[2]: NaN"),
        ('{"record": {"a": [{"b": 1e999}]}}', "q.jsonl:1: record.a[1].b: 1e999"),
        ("NaN", "q.jsonl:1: row: NaN"),
    ],
)
def test_what_is_no_number_is_an_error_with_its_row(tmp_path, text, where):
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert f"{where} is not a number of JSON; write null" in str(error.value)


def test_the_other_formats_refuse_it_too(tmp_path):
    squad = '{"data": [{"paragraphs": [{"context": NaN, "qas": []}]}]}'
    with pytest.raises(InputError, match=r"row 1: paragraphs\[1\]\.context: NaN"):
        read(tmp_path, squad, "squad", "q.json")
    with pytest.raises(InputError, match=r"gt_parse\.total: Infinity"):
        read(tmp_path, '{"gt_parse": {"total": Infinity}}', "cord", "q.json")
    with pytest.raises(InputError, match="row 1: ground_truth_answer: NaN"):
        read(tmp_path, '[{"question": "x", "ground_truth_answer": NaN}]', "model_lab", "q.json")


def test_deep_nesting_is_one_line(tmp_path):
    deep = "[" * 900 + "NaN" + "]" * 900
    with pytest.raises(InputError, match=r"NaN is not a number|not valid JSON"):
        read(tmp_path, f'{{"record": {{"a": {deep}}}}}')
