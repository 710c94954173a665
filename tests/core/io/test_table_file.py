"""The reader of tables: kinds of files, and errors in them."""

import gzip
import json
import zipfile

import pytest
from cases import each

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.dataset_folder import is_dataset_folder
from modellab.core.io.table_file import TableOptions, cell_text, read_table

ROWS = [{"question": "When?", "answer": "1931"}, {"question": "Who?", "answer": "Ada"}]


def rows(path, **options):
    return [dict(row) for _, row in read_table(path, ("question",), **options).rows]


def workbook(path, **sheets):
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


CELLS = [[None, None], ["question", "answer"], ["When?", "1931"], [None, None], ["Who?", "Ada"]]


def test_a_workbook(tmp_path):
    path = workbook(tmp_path / "a.xlsx", notes=[["about", "nothing"]], data=CELLS, empty=[])
    file = read_table(path, ("question",))
    assert [dict(row) for _, row in file.rows] == ROWS
    assert file.rows[1][0] == f"{path}: 'data', row 5"
    assert file.notes == ("sheet 'data' of 3", "1 blank rows left out")
    assert rows(path, reading=TableOptions(sheet="notes")) == []
    lists = [["answer"], ["yes"], ["no"]]
    path = workbook(tmp_path / "a.xlsx", data=CELLS, choices=lists)
    assert [dict(row) for _, row in read_table(path, ("question", "answer")).rows] == ROWS


def test_hidden_rows_and_columns_are_read_and_named(tmp_path):
    import openpyxl

    path = workbook(tmp_path / "a.xlsx", data=TABLE)
    book = openpyxl.load_workbook(path)
    book["data"].row_dimensions[3].hidden = book["data"].column_dimensions["B"].hidden = True
    book.save(path)
    file = read_table(path, ("question",))
    assert [dict(row) for _, row in file.rows] == ROWS
    assert file.notes == ("hidden, but read: row 3 and column B",)


TABLE = CELLS[1:3] + CELLS[4:]


@each(
    ("above", "below", "notes"),
    [
        ([["Questions of the finance dept."], [], ["Prepared by", "Ada"]], [], ["header in row 4"]),
        ([], [[], ["Source: finance dept., 2024"]], ["row 5 ('Source: finance dept., 2024') left out"]),
        ([], [["* without VAT"], ["see page 3"]], ["row 4 ('* without VAT') and 1 below left out"]),
        ([], [[], ["n = 2"], [], ["Notes:", "none"]], ["row 5 ('n = 2') and 1 below left out"]),
        ([], [["question", "answer"]], ["1 repeated headers left out"]),
        ([], [[], ["Topic", "Count"], ["time", "4"]], ["row 5 ('Topic, Count') and 1 below left out: a sec"]),
    ],
)  # fmt: skip
def test_titles_and_notes_around_a_table(tmp_path, above, below, notes):
    cells = [*above, *TABLE, *below]
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in cells)
    (tmp_path / "a.csv").write_text(text)
    for path in (workbook(tmp_path / "a.xlsx", data=cells), tmp_path / "a.csv"):
        file = read_table(path, ("question", "answer"))
        assert [dict(row) for _, row in file.rows] == ROWS
        told = "; ".join(file.notes).replace("line", "row")
        assert all(note in told for note in notes)


def test_two_levels_of_a_header_and_a_hidden_sheet(tmp_path):
    import openpyxl

    cells = [["input", None, "expected"], ["id", "question", "answer"], ["7", "When?", "1931"]]
    path = workbook(tmp_path / "a.xlsx", data=cells, lists=CELLS)
    book = openpyxl.load_workbook(path)
    book["lists"].sheet_state = "hidden"
    book.save(path)
    file = read_table(path, ("id", "question", "answer", "input", "expected"))
    assert [dict(row) for _, row in file.rows] == [dict(zip(*cells[1:], strict=True))]
    assert "header in row 2" in file.notes
    assert rows(path, reading=TableOptions(sheet="lists")) == ROWS


def test_a_value_that_is_a_known_name_is_no_header(tmp_path):
    (tmp_path / "a.csv").write_text("text,rater 1,rater 2,label\nNice,positive,positive,positive\n")
    file = read_table(tmp_path / "a.csv", ("text", "label", "positive"))
    assert [row["label"] for _, row in file.rows] == ["positive"]


def test_class_labels_in_parquet(tmp_path):
    from datasets import ClassLabel, Dataset, Features, Value

    kinds = Features({"text": Value("string"), "label": ClassLabel(names=["bad", "good"])})
    made = Dataset.from_dict({"text": ["a", "b", "c"], "label": [1, 0, -1]}, features=kinds)
    made.to_parquet(tmp_path / "a.parquet")
    assert [row["label"] for row in rows(tmp_path / "a.parquet")] == ["good", "bad", None]


def test_last_rows_that_may_be_questions(tmp_path):
    """Not below a blank row, or in a table in which others have a single cell, too."""
    two = [[], ["Topic", "Count"], ["Who was it?", "Ada"]]
    shown = (
        two,
        [["Topic", "Count"], ["time", "4"]],
        [[], ["12", "4"], ["time", "4"]],
        [["Why?"]],
        [["Why?"], [], ["How?"]],
        [[], ["Why?", "Because."]],
        [[], ["Why?"]],
    )
    for below in (*shown, [["Why"]]):
        path = workbook(tmp_path / "a.xlsx", data=[*TABLE, *below])
        asked = [row[0] for row in below if row]
        assert [row["question"] for row in rows(path)][2:] == asked


@each(
    ("sheets", "sheet", "message"),
    [
        ({"a": CELLS, "b": CELLS}, None, r"2 sheets; choose one: `sheet: \.\.\.` \('a', 'b'\)"),
        ({"a": CELLS}, "c", "no sheet 'c'"),
        (
            {"a": [["question", "Id", "question"], ["x", "y", "z"]]},
            None,
            "'a', row 1: duplicate column 'question'",
        ),
        ({"a": [["q", None], ["x", "y"]]}, None, r"row 2: column 2 has a text \('y'\) but no name"),
        ({"a": [["q"], ["=1+1"]]}, None, "row 2: the formula '=1.1' has no stored result"),
        ({"a": []}, None, "an empty workbook"),
    ],
)
def test_a_workbook_that_is_doubtful(tmp_path, sheets, sheet, message):
    path = workbook(tmp_path / "a.xlsx", **sheets)
    with pytest.raises(InputError, match=message):
        rows(path, reading=TableOptions(sheet=sheet))


#: as the OpenDocument format says (OASIS, part 3): the package's manifest, and tables of typed cells
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODS = f"""<office:document-content xmlns:office="{OASIS}:office:1.0" xmlns:table="{OASIS}:table:1.0"
 xmlns:text="{OASIS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="quiz">%s
</table:table></office:spreadsheet></office:body></office:document-content>"""
ODS_ROW = "<table:table-row>%s</table:table-row>"
ODS_CELL = "<table:table-cell office:value-type=%s><text:p>%s</text:p></table:table-cell>"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = f"""<manifest:manifest
 xmlns:manifest="{OASIS}:manifest:1.0"><manifest:file-entry
 manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/></manifest:manifest>"""


def test_a_workbook_of_libreoffice(tmp_path):
    header = [ODS_CELL % ('"string"', name) for name in ("question", "answer")]
    values = [ODS_CELL % ('"string"', "How many?"), ODS_CELL % ('"float" office:value="14"', "14")]
    cells = (header, values)
    with zipfile.ZipFile(tmp_path / "quiz.ods", "w") as package:
        package.writestr("mimetype", ODS_TYPE)
        package.writestr("META-INF/manifest.xml", MANIFEST)
        package.writestr("content.xml", ODS % "".join(ODS_ROW % "".join(row) for row in cells))
    assert rows(tmp_path / "quiz.ods") == [{"question": "How many?", "answer": 14}]


def test_compressed_text(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, ROWS)).encode()))
    assert rows(path) == ROWS
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(InputError, match="cut off or damaged"):
        rows(path)


def test_a_saved_data_set(tmp_path):
    import datasets

    data = datasets.Dataset.from_list(ROWS)
    data.save_to_disk(str(tmp_path / "one"))
    assert is_dataset_folder(tmp_path / "one")
    assert rows(tmp_path / "one") == [{"split": "train", **row} for row in ROWS]
    labels = datasets.ClassLabel(names=["bad", "good"])
    data = data.add_column("label", [1, 0]).cast_column("label", labels)
    datasets.DatasetDict(train=data, test=data.select([1])).save_to_disk(str(tmp_path / "two"))
    with pytest.raises(InputError, match="splits train, test; choose one: `split: train`"):
        rows(tmp_path / "two")
    (row,) = rows(tmp_path / "two", reading=TableOptions(split="test"))
    assert row == {"split": "test", **ROWS[1], "label": "bad"}


def test_a_cloned_repository_of_the_hub(tmp_path):
    import pandas as pd

    (tmp_path / "data").mkdir()
    (tmp_path / "README.md").write_text("---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: data/test-*\n---\n# A data set\n")  # fmt: skip
    pd.DataFrame(ROWS).to_parquet(tmp_path / "data" / "test-00000-of-00001.parquet")
    assert is_dataset_folder(tmp_path)
    assert rows(tmp_path) == [{"split": "test", **row} for row in ROWS]


def test_a_folder_of_documents_is_no_data_set(tmp_path):
    (tmp_path / "README.md").write_text("---\ntitle: Notes\n---\nconfigs: none\n")
    assert not is_dataset_folder(tmp_path)


BAD = [
    ("a.csv", b"PK\x03\x04", r"a\.csv: an Excel workbook .*\.xlsx"),
    ("a.csv", b"PAR1", r"a\.csv: a Parquet file; its name should end in \.parquet"),
    ("a.json", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ("a.parquet", b"PAR1half", r"a\.parquet: cannot be read as \.parquet: cut off, damaged"),
    ("a.parquet", b"question,answer\n", r"cannot be read as \.parquet"),
    ("a.xlsx", b"PK\x03\x04half", r"a\.xlsx: not an Excel workbook \(\.xlsx\)"),
    ("a.xlsx", b"question,answer\n", "not an Excel workbook"),
    ("a.ods", b"PK\x03\x04half", r"a\.ods: not a workbook that can be read"),
    ("a.arrow", b"ARROW1half", r"cannot be read as \.arrow"),
    ("a.jsonl", b'{"a": 1}\n[2]\n', r"a\.jsonl:2: must be an object .* not a list"),
]  # fmt: skip


@each(("name", "data", "message"), BAD)
def test_a_file_that_is_not_what_its_name_says(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message) as error:
        rows(tmp_path / name)
    assert "\n" not in str(error.value)


def test_decimal_commas_only_in_columns_of_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("question;answer;score\nWhen?;3,14;1.450,5\nWho?;x;2\n")
    file = read_table(path, ("question",), numbers=("score",))
    assert [row["score"] for _, row in file.rows] == ["1450.5", "2"]
    assert file.rows[0][1]["answer"] == "3,14"
    assert "decimal commas in 'score'" in file.notes
    path.write_text("score\n1,450\n")
    (row,) = rows(path, numbers=("score",), reading=TableOptions(delimiter=";"), decimal_mark=",")
    assert row == {"score": "1.450"}


@pytest.mark.parametrize(("cell", "text"), [(1998.0, "1998"), (None, ""), (float("nan"), ""), (True, "true")])  # fmt: skip
def test_a_cell_as_text(cell, text):
    assert cell_text("a", cell) == text


def test_cells_of_a_workbook_are_read_as_they_are_shown(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["id", "share", "topic"], [7, 0.25, "a"], [8, 0.125, None], [9, 0.1 + 0.2, "b"]):
        book.active.append(row)
    for number, style in ((2, "0%"), (3, "0.0%")):
        book.active.cell(number, 1).number_format = "000"
        book.active.cell(number, 2).number_format = style
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "t.xlsx")
    assert [dict(row) for _, row in read_table(tmp_path / "t.xlsx", ("id",)).rows] == [
        {"id": "007", "share": "25%", "topic": "a"},
        {"id": "008", "share": "12.5%", "topic": "a"},
        {"id": 9, "share": 0.3, "topic": "b"},
    ]


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst", "zip"])
def test_compressed_tables(tmp_path, ending):
    import bz2
    import lzma
    import zipfile

    import pyarrow

    data = b'{"id": 1}\n'
    path = tmp_path / f"t.jsonl.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("data/t.jsonl", data)
            packed.writestr("__MACOSX/data/._t.jsonl", b"\0")
    elif ending == "zst":
        with pyarrow.output_stream(str(path), compression="zstd") as stream:
            stream.write(data)
    else:
        path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[ending].compress(data))
    assert [row for _, row in read_table(path).rows] == [{"id": 1}]
    path.write_bytes(path.read_bytes()[:12])
    with pytest.raises(BrokenFileError, match="compressed file that is cut off"):
        read_table(path)


def test_several_files_in_an_archive(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.writestr("a.csv", "id\n1\n")
        packed.writestr("b.csv", "id\n2\n")
    with pytest.raises(BrokenFileError, match=r"2 files \(a\.csv, b\.csv\); unpack it"):
        read_table(tmp_path / "t.zip")
