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


def test_nan_is_missing(tmp_path):
    [one, two] = read(tmp_path, GOOD + '\n{"id": "b", "question": "y", "answer": NaN}')
    assert (one.truth, two.truth) == ({"answer": "5"}, {})
    [row] = read(tmp_path, '{"id": "a", "question": "x", "record": {"a": [{"b": NaN}]}}')
    assert json.loads(row.truth["record"]) == {"a": [{"b": None}]}


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_an_error_with_its_row(tmp_path, number):
    for kind, text in (
        ("jsonl", f'{GOOD}\n{{"id": "b", "question": "y", "answer": {number}}}'),
        ("cord", f'{{"gt_parse": {{"total": {number}}}}}'),
    ):
        with pytest.raises(InputError, match=r"q\.json") as error:
            read(tmp_path, text, kind)
        assert f"{number} is not a JSON number" in str(error.value)


def test_deep_nesting_is_one_line(tmp_path):
    deep = "[" * 9000 + "1" + "]" * 9000
    with pytest.raises(InputError, match=r"not valid JSON"):
        read(tmp_path, f'{{"record": {{"a": {deep}}}}}')
