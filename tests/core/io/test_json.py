import json
from dataclasses import dataclass

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, read_json_rows, read_rows, write_json, write_rows
from modellab.core.records import Passage
from modellab.questions import parse_format

ROW = Passage("d#1", "d", 1, 0.5, "Text – Ω\nline", "Title", 2020)


def test_round_trip(tmp_path):
    path = tmp_path / "rows.jsonl"
    write_rows(path, [ROW, ROW])
    assert read_rows(path, Passage) == [ROW, ROW]
    assert "Ω" in path.read_text(encoding="utf-8")


def test_bad_row_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    write_rows(path, [ROW])
    path.write_text(path.read_text() + '{"chunk_id": "x"}\n')
    with pytest.raises(InputError, match=r"rows.jsonl:2: document_id: Field required"):
        read_rows(path, Passage)


def test_nan_is_an_error_not_text(tmp_path):
    @dataclass(frozen=True)
    class Row:
        value: float

    with pytest.raises(ValueError, match="not JSON compliant"):
        write_rows(tmp_path / "rows.jsonl", [Row(float("nan"))])
    assert not list(tmp_path.iterdir())


def test_unknown_types_are_errors(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "x.json", {"path": tmp_path})


def test_json_errors_are_one_line(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        read_json(path)
    with pytest.raises(InputError, match="no such file"):
        read_json(tmp_path / "none.json")


def test_deep_nesting_is_named(tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 200_000)
    with pytest.raises(InputError, match=r"deep.jsonl:1: not valid JSON"):
        list(read_json_rows(path))
    with pytest.raises(InputError, match=r"deep.jsonl: not valid JSON"):
        read_json(path)


def read(tmp_path, text, kind="jsonl", name="q.jsonl"):
    path = tmp_path / name
    path.write_text(text)
    return parse_format(kind).read(path)


@each(
    ("number", "text"),
    [("1998.0", "1998"), ("14.0", "14"), ("1e-05", "0.00001"), ("0.30", "0.3"), ("1e3", "1000"),
     ("-2.50", "-2.5"), ("7", "7"), ('"1998.0"', "1998.0"), ("1e300", "1e+300")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(tmp_path, number, text):
    row = f'{{"id": 1.0, "question": "How much?", "answer": {number}, "given": {{"n": {number}}}, '
    row += f'"truth": {{"answer_value": {number}}}}}'
    [question] = read(tmp_path, row)
    assert question.reference == {"answer_value": text, "answer": text}
    assert question.inputs == {"n": text}
    assert question.id == "1"


def test_a_wanted_record_keeps_its_numbers(tmp_path):
    [question] = read(tmp_path, '{"id": "a", "record": {"n": 14.0, "m": 1e-05, "t": "1.0"}}')
    assert json.loads(question.reference["record"]) == {"n": 14, "m": 1e-05, "t": "1.0"}


GOOD = '{"id": "a", "question": "x", "answer": "5"}'


def test_nan_is_missing(tmp_path):
    [one, two] = read(tmp_path, GOOD + '\n{"id": "b", "question": "y", "answer": NaN}')
    assert (one.reference, two.reference) == ({"answer": "5"}, {})
    [row] = read(tmp_path, '{"id": "a", "question": "x", "record": {"a": [{"b": NaN}]}}')
    assert json.loads(row.reference["record"]) == {"a": [{"b": None}]}


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "1e999"])
def test_invalid_numbers_are_errors_with_their_row(tmp_path, number):
    for kind, text in (
        ("jsonl", f'{GOOD}\n{{"id": "b", "question": "y", "answer": {number}}}'),
        ("cord", f'{{"gt_parse": {{"total": {number}}}}}'),
    ):
        with pytest.raises(InputError, match=r"q\.json") as error:
            read(tmp_path, text, kind)
        assert f"{number} is not a JSON number" in str(error.value)


def test_deep_nesting_is_one_line(tmp_path):
    deep = "[" * 200_000 + "1" + "]" * 200_000
    with pytest.raises(InputError, match=r"not valid JSON"):
        read(tmp_path, f'{{"record": {{"a": {deep}}}}}')


@pytest.mark.parametrize(("name", "said"), [("nowhere", "no such file"), ("binary", "not UTF-8")])
def test_rows_of_a_file_that_is_no_text_are_one_line(tmp_path, name, said):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for read in (lambda path: read_rows(path, Passage), lambda path: list(read_json_rows(path))):
        with pytest.raises(InputError, match=rf"{name}: .*{said}"):
            read(tmp_path / name)
