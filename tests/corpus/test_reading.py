import gzip
import logging
from pathlib import Path
from typing import get_args

import pytest

from modellab.core.errors import InputError
from modellab.corpus.options import CorpusOptions
from modellab.corpus.readers import READERS
from modellab.corpus.reading import Skipped, read_corpus, read_documents

NO_TEXT = bytes(range(256))


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def ids(reading):
    return [document.id for document in reading.documents]


def test_every_reader_is_a_format_of_the_config():
    allowed = get_args(CorpusOptions.model_fields["format"].annotation)
    assert allowed == ("auto", *(reader.name for reader in READERS))


def test_a_folder_is_read_in_sorted_order(tmp_path):
    write(
        tmp_path,
        {
            "b.txt": "B",
            "a/z.md": "# Z\nz",
            "a/rows.csv": "id,text\nr2,two\nr1,one\n",
            "c.jsonl": '{"id": "j", "text": "x"}\n',
            ".hidden.txt": "no",
            ".git/x.txt": "no",
        },
    )
    assert ids(read_documents(tmp_path)) == ["r2", "r1", "z", "b", "j"]


def test_other_files_are_counted_in_a_warning(tmp_path, caplog):
    write(tmp_path, {"a.txt": "A", "b.exe": "%", "c.EXE": "%", "LICENSE": "x"})
    with caplog.at_level(logging.WARNING):
        assert ids(read_documents(tmp_path)) == ["a"]
    assert "files not read: 3 (2 with .exe, 1 with no extension)" in caplog.text


def test_a_format_leaves_other_files_alone(tmp_path, caplog):
    write(tmp_path, {"a.txt": "A", "b.md": "B"})
    assert ids(read_documents(tmp_path, "markdown")) == ["b"]
    assert "files not read: 1 (1 with .txt); only .markdown, .md, " in caplog.text


def test_the_format_text_reads_every_text_of_a_folder(tmp_path, caplog):
    write(tmp_path, {"a.py": "pumps = 14", "LICENSE": "MIT", "b.md": "# B"})
    (tmp_path / "a.pyc").write_bytes(bytes([0, 0, 227, 0, 0, 0, 0, 243, 56, 0, 151, 0]))
    found = read_documents(tmp_path, "text")
    assert {one.path: one.text for one in found.documents} == {
        "LICENSE": "MIT",
        "a.py": "pumps = 14",
        "b.md": "# B",
    }
    assert [Path(one.source).name for one in found.skipped] == ["a.pyc"]
    assert "files not read" not in caplog.text


def test_rows_of_json_in_files_without_an_extension(tmp_path):
    """As WikiExtractor writes them."""
    (tmp_path / "AA").mkdir()
    (tmp_path / "AA" / "wiki_00").write_text('{"id": "12", "title": "T", "text": "One."}\n')
    (tmp_path / "README").write_text("{curly} words")
    assert [one.id for one in read_documents(tmp_path).documents] == ["12"]


def test_json_that_holds_no_documents_is_skipped(tmp_path):
    (tmp_path / "a.txt").write_text("One.")
    for name, text in (("package", '{"private": true, "scripts": {"a": "b"}}'), ("n", '{"a": 1}')):
        (tmp_path / f"{name}.json").write_text(text)
    found = read_documents(tmp_path)
    assert [one.id for one in found.documents] == ["a"]
    assert len(found.skipped) == 2


def test_a_single_file(tmp_path):
    write(tmp_path, {"a.txt": "A", "docs.dat": '{"id": "j", "text": "x"}'})
    assert ids(read_documents(tmp_path / "a.txt")) == ["a"]
    assert ids(read_documents(tmp_path / "docs.dat", "jsonl")) == ["j"]


def test_a_file_of_unknown_extension(tmp_path):
    write(tmp_path, {"docs.dat": "x"})
    with pytest.raises(InputError, match=r"docs\.dat: unknown extension '\.dat'; set 'format' or"):
        read_documents(tmp_path / "docs.dat")


@pytest.mark.parametrize("files", [{}, {"a.exe": "x"}, {"a.jsonl": "\n"}, {"a.csv": "id,text\n"}])
def test_an_empty_corpus(tmp_path, files):
    with pytest.raises(
        InputError, match=r"no documents; expected files with \.adoc, \.arrow, \.csv, \.docx"
    ):
        read_documents(write(tmp_path, files))


def test_a_missing_path(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: no such file or folder"):
        read_documents(tmp_path / "nowhere")


def test_doubled_ids_name_both_sources(tmp_path):
    write(tmp_path, {"a.csv": "id,text\nx,one\nx,two\n"})
    with pytest.raises(InputError, match=r"a\.csv:3: id 'x' is taken by .*a\.csv:2; ids must be"):
        read_documents(tmp_path)


def test_a_broken_file_is_skipped_with_a_warning(tmp_path, caplog):
    write(tmp_path, {"a.txt": NO_TEXT, "b.txt": "good"})
    with caplog.at_level(logging.WARNING):
        reading = read_corpus(CorpusOptions(path=tmp_path))
    assert ids(reading) == ["b"]
    reason = "neither UTF-8 nor another encoding of a text"
    assert reading.skipped == (Skipped(str(tmp_path / "a.txt"), reason),)
    assert f"a.txt: {reason}" in caplog.text
    assert "left out: 1 of 2" in caplog.text


def test_nothing_but_broken_files_is_an_error(tmp_path):
    write(tmp_path, {"a.txt": NO_TEXT})
    with pytest.raises(InputError, match=r"a\.txt: neither UTF-8 nor another encoding of a text"):
        read_documents(tmp_path / "a.txt")
    write(tmp_path, {"b.txt": b"\xff\xfe"})
    with pytest.raises(InputError, match=r"none of 2 files can be read \(first: .*a\.txt: neither"):
        read_documents(tmp_path)


def test_documents_with_the_same_text(tmp_path, caplog):
    write(tmp_path, {"a.txt": "One  text.\n", "b.txt": "One text.", "c.txt": "Another."})
    with caplog.at_level(logging.WARNING):
        kept = read_corpus(CorpusOptions(path=tmp_path))
    assert ids(kept) == ["a", "b", "c"]
    assert kept.same_text == {"b": "a"}
    assert "document 'b' has the same text as 'a'" in caplog.text
    dropped = read_corpus(CorpusOptions(path=tmp_path, duplicates="drop"))
    assert ids(dropped) == ["a", "c"]
    assert [one.id for one in dropped.dropped] == ["b"]
    assert dropped.same_text == {"b": "a"}


def test_files_of_one_name_are_called_by_their_paths(tmp_path):
    write(
        tmp_path,
        {
            "report.txt": "One.",
            "report.md": "Two.",
            "2023/sea.txt": "Three.",
            "2024/sea.txt": "Four.",
            "alone.txt": "Five.",
            "rows.csv": "id,text\nsea,Six.\n",
        },
    )
    found = read_documents(tmp_path).documents
    assert [one.id for one in found] == [
        *("2023/sea.txt", "2024/sea.txt", "alone", "report.md", "report.txt", "sea")
    ]
    assert [one.path for one in found][-2:] == ["report.txt", ""]


def test_all_of_a_text_are_the_first_of_it(tmp_path):
    write(tmp_path, {"a.txt": "One.", "b.txt": "One. ", "c.txt": " One."})
    found = read_corpus(CorpusOptions(path=tmp_path, duplicates="drop"))
    assert found.same_text == {"b": "a", "c": "a"}
    assert [one.id for one in found.dropped] == ["b", "c"]


def test_files_in_one_encoding_share_a_warning(tmp_path, caplog):
    write(tmp_path, {f"{n}.txt": f"Größe {n}".encode("cp1252") for n in range(5)})
    read_corpus(CorpusOptions(path=tmp_path))
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith(
        f"{tmp_path / '0.txt'}, {tmp_path / '1.txt'}, {tmp_path / '2.txt'} and 2 "
    )
    assert "more files: read as cp1252, not UTF-8" in line


def test_columns_are_of_rows(tmp_path):
    with pytest.raises(ValueError, match="columns are for tables and JSON, not for format 'text'"):
        CorpusOptions(path=tmp_path, format="text", columns={"id": "x"})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<title>T</title><p>packed text</p>"),
        ("a.eml", b"Subject: T\n\npacked text"),
        ("a.nxml", b"<article><body><p>packed text</p></body></article>"),
        ("a.md", b"packed text"),
    ],
)
def test_compressed_files_of_any_kind(tmp_path, name, content):
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    (found,) = read_documents(tmp_path).documents
    assert found.text.endswith("packed text")


def test_links_that_are_not_followed_are_named(tmp_path, caplog):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("a text")
    (tmp_path / "docs" / "b.txt").symlink_to(tmp_path / "docs" / "a.txt")
    (tmp_path / "docs" / "loop").symlink_to(tmp_path)
    (tmp_path / "docs" / "gone.txt").symlink_to("nowhere")
    found = read_documents(tmp_path / "docs").documents
    assert [one.id for one in found] == ["a", "b"]
    assert [line.rpartition("/")[2] for line in caplog.messages] == [
        "gone.txt: not read: a link to a folder, or to nothing",
        "loop: not read: a link to a folder, or to nothing",
    ]


def test_an_empty_table(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n")
    with pytest.raises(InputError, match=r"a\.csv: the file has no documents"):
        read_documents(tmp_path / "a.csv")
