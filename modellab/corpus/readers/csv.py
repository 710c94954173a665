"""CSV: each row is one document with columns id, text and perhaps title, year, type and url."""

from __future__ import annotations

import csv
from pathlib import Path

from modellab.core.io.csv_file import parse_csv
from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.fields import is_text_name
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions
from modellab.corpus.readers.rows import documents_of

_DELIMITERS = (",", ";", "\t", "|")


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per row, by the names in the first one."""
    text, notes = read_decoded(path, options.encoding)
    table = parse_csv(path, text, delimiter=_delimiter(text, options))
    rows = [(f"{path}:{line}", row) for line, row in zip(table.lines, table.rows, strict=True)]
    return documents_of(rows, path, options, notes)


def _delimiter(text: str, options: ReadOptions) -> str:
    """The one that gives the header a column of texts; the comma where none does."""
    header = text.split("\n", 1)[0]
    wanted = options.columns.get("text")
    for delimiter in _DELIMITERS:
        names = next(csv.reader([header], delimiter=delimiter), [])
        if any(name.strip() == wanted if wanted else is_text_name(name) for name in names):
            return delimiter
    return _DELIMITERS[0]


READER = Reader("csv", (".csv",), read)
