from dataclasses import dataclass

import pytest

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, read_json_rows, read_rows, write_json, write_rows
from modellab.core.records import Passage

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
