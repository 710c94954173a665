"""Tables of text as spreadsheets and libraries write them."""

import csv
import io

import pytest
from cases import each
from hypothesis import given, settings
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.delimited import DELIMITERS, read_delimited
from modellab.questions import parse_format

KNOWN = ("id", "question", "answer")
ROWS = ({"id": "1", "question": "Wie kühl?", "answer": "1450,5"}, {"id": "2", "question": "Länge?", "answer": "3"})  # fmt: skip


def written(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


SEMICOLONS = "id;question;answer\r\n1;Wie kühl?;1450,5\r\n2;Länge?;3\r\n"
COMMAS = 'id,question,answer\n1,Wie kühl?,"1450,5"\n2,Länge?,3\n'
FILES = {
    "commas": (COMMAS, ()),
    "semicolons of Excel": (SEMICOLONS, ("semicolons between cells",)),
    "with a byte-order mark": ("\ufeff" + SEMICOLONS, ("semicolons between cells",)),
    "with a line for Excel": ("\ufeffsep=;\r\n" + SEMICOLONS, ("semicolons between cells",)),
    "tabs": (COMMAS.replace(",", "\t").replace('"1450\t5"', "1450,5"), ("tabs between cells",)),
    "bars": (SEMICOLONS.replace(";", "|"), ("bars between cells",)),
    "lines of an old Mac": (COMMAS.replace("\n", "\r"), ()),
    "columns of nothing": ("".join(f"{line},,\n" for line in COMMAS.splitlines()), ()),
    "rows of nothing": (COMMAS + ",,\n, ,\n\n", ("2 blank rows left out",)),
    "the index of pandas": (
        ',id,question,answer\n0,1,Wie kühl?,"1450,5"\n1,2,Länge?,3\n',
        (),
    ),
    "the index of pandas, read and written again": (
        'Unnamed: 0,id,question,answer\n0,1,Wie kühl?,"1450,5"\n1,2,Länge?,3\n',
        (),
    ),
    "names in other cases": (COMMAS.replace("id,question", "ID, Question"), ()),
    "empty cells beyond the header": (COMMAS.replace(",3\n", ",3,,\n"), ()),
}


@each("name", FILES)
def test_every_file_gives_the_same_table(tmp_path, name):
    text, notes = FILES[name]
    found = read_delimited(written(tmp_path / "t.csv", text), KNOWN)
    assert (found.rows, found.notes) == (ROWS, notes)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_noted(tmp_path, encoding):
    found = read_delimited(written(tmp_path / "t.txt", SEMICOLONS.encode(encoding)), KNOWN)
    assert found.rows == ROWS
    assert any(f"read as {encoding}" in note for note in found.notes)
    given = read_delimited(tmp_path / "t.txt", KNOWN, encoding=encoding, delimiter=";")
    assert (given.rows, given.notes) == (ROWS, ("semicolons between cells",))


def test_rows_are_named_by_the_line_where_they_start(tmp_path):
    text = 'sep=,\nid,question\n1,"two\nlines"\n\n2,b\n'
    assert read_delimited(written(tmp_path / "t.csv", text)).lines == (3, 6)


def test_a_cell_may_be_longer_than_the_limit_of_the_csv_module(tmp_path):
    csv.field_size_limit(131_072)
    text = "a" * 200_000
    found = read_delimited(written(tmp_path / "t.csv", f"id,text\n1,{text}\n"))
    assert found.rows == ({"id": "1", "text": text},)


BAD = [
    ("id,question\n1,a,b\n", r"t\.csv:2: 3 cells, but the header names 2 columns"),
    ("id,question\n1\n", r"t\.csv:2: 1 cells, but the header names 2 columns"),
    ("id,question,\n1,a,\n2,b,text\n", r"t\.csv:3: column 3 has a text \('text'\) but no name"),
    (",id,question\n7,1,a\n9,2,b\n", r"t\.csv:2: column 1 has a text \('7'\) but no name"),
    ("id,id\n1,2\n", r"t\.csv:1: duplicate column 'id'"),
    ('id,question\n1,"a\n', r"t\.csv:2: not valid CSV"),
    (
        b"PK\x03\x04rest",
        r"t\.csv: an Excel workbook or a ZIP archive; a workbook's name should end in \.xlsx",
    ),
    (b"PAR1rest", r"t\.csv: a Parquet file; its name should end in \.parquet"),
]


@each(("data", "message"), BAD)
def test_errors_name_the_row(tmp_path, data, message):
    with pytest.raises(InputError, match=message):
        read_delimited(written(tmp_path / "t.csv", data), ("id",))


def test_other_columns_may_have_the_same_name(tmp_path):
    path = written(tmp_path / "t.csv", "id,note,note,note\n1,a,b,c\n")
    (row,) = read_delimited(path, ("id",)).rows
    assert row == {"id": "1", "note": "a", "note (2)": "b", "note (3)": "c"}


def test_an_index_is_kept_if_it_is_a_known_column(tmp_path):
    path = written(tmp_path / "t.csv", "index,text\n1,a\n2,b\n")
    assert read_delimited(path).columns == ("text",)
    assert read_delimited(path, ("index", "text")).columns == ("index", "text")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_delimited(tmp_path / "t.csv")


def test_ends_of_lines_in_a_cell_stay(tmp_path):
    path = written(tmp_path / "t.csv", 'id,question\r\n1,"a\r\nb"\r\n')
    assert read_delimited(path).rows == ({"id": "1", "question": "a\r\nb"},)


def test_an_empty_text_in_quotes_is_a_row(tmp_path):
    found = read_delimited(written(tmp_path / "t.csv", 'text\na\n""\n'))
    assert [row["text"] for row in found.rows] == ["a", ""]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\0\ufeff"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4),
    st.sampled_from(list(DELIMITERS)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read_again(tmp_path_factory, rows, delimiter, encoding):
    rows = [("x", *cells) for cells in rows]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([("id", "question", "answer"), *rows])
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    found = read_delimited(path, KNOWN).rows
    assert [tuple(row.values()) for row in found] == rows


def test_the_published_format_reads_what_excel_writes(tmp_path):
    header = "ID;Question;answer_value;answer_unit;ref_id"
    path = written(
        tmp_path / "q.csv", f"{header}\r\nq1;Wie kühl?;1450,5;Euro;doc\r\n".encode("cp1252")
    )
    (found,) = parse_format("wattbot").read(path)
    assert (found.id, found.text, found.reference["answer_value"]) == ("q1", "Wie kühl?", "1450.5")
    assert found.references == ("doc",)
