import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv, write_csv

# every character that UTF-8 can hold; a lone carriage return is not kept apart from a line end
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"))


def test_cells_are_text_whatever_they_say(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,value\nq1,NA\nq2,\nq3,nan\nq4,null\nq5,1e3\n")
    table = read_csv(path)
    assert [row["value"] for row in table.rows] == ["NA", "", "nan", "null", "1e3"]


def test_byte_order_mark_is_dropped(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfid,value\nq1,x\n")
    assert read_csv(path).columns == ("id", "value")


def test_rows_know_their_lines(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,value\nq1,"two\nlines"\n\nq2,x\n')
    assert read_csv(path).lines == (2, 5)


@each(
    ("content", "message"),
    [
        (b"id,value\nq1,\xff\n", "t.csv:2: byte 0xff is not UTF-8"),
        (b"id\nq1\n", "t.csv:1: column 'value' is missing (found: id)"),
        (b"id,id,value\n", "t.csv:1: duplicate column 'id'"),
        (b"id,value\nq1\n", "t.csv:2: 1 cells, but the header names 2 columns"),
        (b"", "t.csv:1: columns 'id', 'value' are missing (found: none)"),
        (
            b"id;value\nq1;1\n",
            "t.csv:1: columns 'id', 'value' are missing (found: id;value); save it with commas",
        ),
        (b'id,value\nq1,"open\n', "not valid CSV"),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_csv(path, required=("id", "value"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_csv(tmp_path / "none.csv")


@given(rows=st.lists(st.tuples(CELL, CELL), max_size=5))
def test_what_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    data = [{"a": a, "b": b} for a, b in rows]
    write_csv(path, ["a", "b"], data)
    assert list(read_csv(path).rows) == data


def test_a_cell_may_hold_a_long_document(tmp_path):
    path = tmp_path / "t.csv"
    write_csv(path, ["text"], [{"text": "x" * 300_000}])
    assert len(read_csv(path).rows[0]["text"]) == 300_000
