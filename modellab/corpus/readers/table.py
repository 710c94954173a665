"""Tables: each row is one document with id, text and perhaps title, year, type and url."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from modellab.core.errors import BrokenFileError
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import (
    ARROW,
    PARQUET,
    WORKBOOK,
    TableFile,
    kind_of,
    read_table,
)
from modellab.corpus.readers.fields import is_text_name, known_names, text_names
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions
from modellab.corpus.readers.rows import documents_of

#: by number of cells: the columns of lines without a header, as MS MARCO publishes passages
#: (collection.tsv) and documents (msmarco-docs.tsv)
_PLAIN: Mapping[int, tuple[str, ...]] = {
    2: ("id", "text"),
    4: ("id", "url", "title", "text"),
}


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per row, by the names in the header or of the keys.

    A JSON object with a text is a document itself; without an id, its id is the file's stem.
    Raises InputError (file, row) as `read_table` does, and for a row that is no document.
    """
    file = _plain(path, options) or read_table(
        path,
        (*known_names(), *options.columns.values()),
        text_names(),
        options.reading,
    )
    alone = path.stem if file.single else ""
    rows = [(str(path), file.rows[0][1])] if file.single else list(file.rows)
    return documents_of(rows, path, options, file.notes, alone)


def _plain(path: Path, options: ReadOptions) -> TableFile | None:
    """The rows of a TSV file without a header, in which quotes stand for themselves."""
    if path.is_dir() or kind_of(path) != ".tsv" or options.columns:
        return None
    text, notes = read_decoded(path, options.reading.encoding)
    if any(is_text_name(name) for name in text.split("\n", 1)[0].split("\t")):
        return None
    return TableFile(tuple(_plain_rows(path, text)), notes)


def _plain_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    width = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.split("\t")
        width = width or len(cells)
        if width not in _PLAIN or len(cells) != width:
            wanted = "2 (id, text) or 4 (id, url, title, text)"
            wanted = str(width) if width in _PLAIN else f"{wanted}, or a header with `text`"
            raise BrokenFileError(f"{path}:{number}: {len(cells)} cells; expected {wanted}")
        yield f"{path}:{number}", dict(zip(_PLAIN[width], cells, strict=True))


READERS = (
    Reader("jsonl", (".jsonl", ".ndjson"), read),
    Reader("json", (".json",), read),
    Reader("csv", (".csv",), read),
    Reader("tsv", (".tsv", ".tab"), read),
    Reader("parquet", PARQUET, read),
    Reader("arrow", ARROW, read),
    Reader("xlsx", WORKBOOK, read),
)
