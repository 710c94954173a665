"""Documents as other programs write them."""

import gzip
import json

import pytest
from cases import each

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk
from modellab.corpus.options import CorpusOptions
from modellab.corpus.readers import table
from modellab.corpus.readers.reader import ReadOptions
from modellab.corpus.reading import chunk_corpus, read_corpus

PUMP, LINE = "The pump was made in 1998.", "The line has 14 stations."


def save(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def lines(tmp_path, *rows, **options):
    path = save(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    return table.read(path, ReadOptions(**options))


def ids_and_texts(found):
    return [(one.id, one.text) for one in found.documents]


@each(
    ("row", "name", "recognised"),
    [
        ({"_id": "p", "title": "T", "text": PUMP, "metadata": {}}, "p", "id from '_id'"),
        ({"id": "p", "contents": PUMP}, "p", "text from 'contents'"),
        ({"docid": "p", "body": PUMP}, "p", "text from 'body', id from 'docid'"),
        ({"pid": 7, "passage": PUMP}, "7", "text from 'passage', id from 'pid'"),
        ({"ID": "p", "Text": PUMP}, "p", "text from 'Text', id from 'ID'"),
        ({"id": "p", "Titel": "T", "Inhalt": PUMP}, "p", "text from 'Inhalt', title from 'Titel'"),
        (
            {"content": PUMP, "meta": {"doc_id": "p"}},
            "p",
            "text from 'content', id from 'meta.doc_id'",
        ),
        ({"text": PUMP}, "1", "ids from the numbers of the rows"),
        ({"id": "p", "text": PUMP}, "p", ""),
        (
            {"id": None, "page_content": PUMP, "metadata": {"source": "docs/pump.md"}},
            "docs/pump.md",
            "text from 'page_content', id from 'metadata.source'",
        ),
        # the name of a collection is not that of a document
        ({"text": PUMP, "source": "wikipedia"}, "1", "ids from the numbers of the rows"),
    ],
)
def test_usual_names_are_recognised(tmp_path, row, name, recognised):
    found = lines(tmp_path, row)
    assert ids_and_texts(found) == [(name, PUMP)]
    assert found.recognised == recognised


def test_columns_are_named_in_the_config(tmp_path):
    row = {"text": "not this", "meta": {"key": "p", "words": PUMP}, "when": 1998.0}
    columns = {"id": "meta.key", "text": "meta.words", "year": "when"}
    [one] = lines(tmp_path, row, columns=columns).documents
    assert (one.id, one.text, one.year) == ("p", PUMP, 1998)
    with pytest.raises(
        InputError, match=r"no 'nam', which `columns` name for 'id' \(found: text, "
    ):
        lines(tmp_path, row, columns={"id": "nam"})


def test_numbers_and_gaps_as_tables_have_them(tmp_path):
    found = lines(tmp_path, {"id": 3.0, "text": PUMP, "title": None, "year": 1998.0})
    assert [(one.id, one.title, one.year) for one in found.documents] == [("3", "3", 1998)]
    [one] = table.read(save(tmp_path, "a.csv", f"id,text,year\np,{PUMP},1998.0\n")).documents
    assert one.year == 1998


def test_an_empty_text_is_left_out_with_its_name(tmp_path):
    found = lines(tmp_path, {"id": "p", "text": PUMP}, {"id": "l", "text": " "})
    assert ids_and_texts(found) == [("p", PUMP)]
    assert [(one.source, one.reason, one.id) for one in found.skipped] == [
        (f"{tmp_path / 'a.jsonl'}:2", "'text' is empty", "l")
    ]


def test_an_empty_page_is_left_out_with_the_name_of_its_file(tmp_path):
    empty = {"page_content": "", "metadata": {"source": "a.pdf", "page": 3}}
    found = lines(tmp_path, *PAGES, empty)
    assert [(one.id, one.reason) for one in found.skipped] == [("a.pdf", "'text' is empty")]


PAGES = [
    {"page_content": PUMP, "metadata": {"source": "a.pdf", "page": 1}},
    {"page_content": LINE, "metadata": {"source": "b.pdf", "page": 1}},
    {"page_content": "It lifts water.", "metadata": {"source": "a.pdf", "page": 2}},
]


def test_pages_of_a_file_are_one_document(tmp_path):
    found = lines(tmp_path, *PAGES)
    assert ids_and_texts(found) == [("a.pdf", f"{PUMP}\n\nIt lifts water."), ("b.pdf", LINE)]
    first = found.documents[0]
    assert [(place.start, place.name) for place in first.places] == [(0, "page 1"), (28, "page 2")]
    assert first.text[28:] == "It lifts water."
    assert found.recognised.endswith("id from 'metadata.source', 3 rows of 2")


def test_rows_that_are_chunks_stay_apart(tmp_path):
    path = save(tmp_path, "a.jsonl", "\n".join(map(json.dumps, PAGES)))
    chunk_corpus(
        CorpusOptions(path=path, chunking={"by": "rows"}), tmp_path / "c.jsonl", tmp_path / "d.csv"
    )
    found = [(one.id, one.document_id) for one in read_rows(tmp_path / "c.jsonl", Chunk)]
    assert found == [("a.pdf:1", "a.pdf"), ("a.pdf:2", "a.pdf"), ("b.pdf", "b.pdf")]


def test_tsv_with_and_without_a_header(tmp_path):
    plain = table.read(save(tmp_path, "collection.tsv", f'0\t{PUMP}\n1\tThe "line.\n'))
    assert ids_and_texts(plain) == [("0", PUMP), ("1", 'The "line.')]
    headed = table.read(save(tmp_path, "b.tsv", f'id\ttext\ttitle\n0\t"{PUMP}"\tPump\n'))
    assert [(one.text, one.title) for one in headed.documents] == [(PUMP, "Pump")]
    with pytest.raises(BrokenFileError, match=r"c\.tsv:1: 3 cells; expected 2 \(id, text\) or 4"):
        table.read(save(tmp_path, "c.tsv", "1\t2\t3\n"))
    with pytest.raises(BrokenFileError, match=r"d\.tsv:2: 1 cells; expected 2"):
        table.read(save(tmp_path, "d.tsv", "1\tone\n2\n"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_a_column_of_texts(tmp_path, delimiter):
    rows = [["id", "passage"], ["p", "A pump"]]
    path = save(tmp_path, "a.csv", "\n".join(delimiter.join(row) for row in rows))
    assert ids_and_texts(table.read(path)) == [("p", "A pump")]


def test_one_object_is_one_document(tmp_path):
    path = save(tmp_path, "pump.json", json.dumps({"text": PUMP, "tags": ["a"]}))
    assert ids_and_texts(table.read(path)) == [("pump", PUMP)]


def test_a_table_without_texts_is_left_out_of_a_folder(tmp_path):
    save(tmp_path, "prices.csv", "item,price\npump,5\n")
    save(tmp_path, "a.txt", PUMP)
    reading = read_corpus(CorpusOptions(path=tmp_path))
    assert [one.id for one in reading.documents] == ["a"]
    assert reading.skipped[0].reason == (
        "'text' is missing (found: item, price); say what the texts are called: "
        "`columns: {text: ...}`"
    )


def test_numbers_of_rows_stay_apart_in_a_folder(tmp_path, caplog):
    for name in ("a", "b"):
        save(tmp_path, f"{name}.csv", f"passage\n{PUMP} {name}\n")
    caplog.set_level("INFO")
    reading = read_corpus(CorpusOptions(path=tmp_path))
    assert [one.id for one in reading.documents] == ["a.csv:1", "b.csv:1"]
    [line] = [r.getMessage() for r in caplog.records if "passage" in r.getMessage()]
    assert line.startswith(f"{tmp_path / 'a.csv'}, {tmp_path / 'b.csv'}: read with text from")


def test_columns_of_the_config_are_known_names(tmp_path):
    with pytest.raises(ValueError, match="columns: unknown 'body'; known: id, text, title"):
        CorpusOptions(path=tmp_path, columns={"body": "x"})
    with pytest.raises(ValueError, match="unknown encoding 'cp99999'"):
        CorpusOptions(path=tmp_path, encoding="cp99999")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ids.json", {"a": PUMP, "b": LINE}),
        ("rows.json", {"a": {"text": PUMP}, "b": {"text": LINE}}),
        ("words.csv", f"Our notes,\nDoc ID,Body Text\na,{PUMP}\nb,{LINE}\n"),
    ],
)
def test_shapes_and_names(tmp_path, name, text):
    path = save(tmp_path, name, text if isinstance(text, str) else json.dumps(text))
    found = read_corpus(CorpusOptions(path=path)).documents
    assert [(one.id, one.text) for one in found] == [("a", PUMP), ("b", LINE)]


def test_a_compressed_file(tmp_path):
    row = json.dumps({"id": "a", "text": PUMP}).encode()
    (tmp_path / "notes.jsonl.gz").write_bytes(gzip.compress(row))
    for path in (tmp_path, tmp_path / "notes.jsonl.gz"):
        assert [one.id for one in read_corpus(CorpusOptions(path=path)).documents] == ["a"]
