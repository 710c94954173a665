"""CSV: each row is one document with columns id, text and perhaps title, year, type and url."""

from __future__ import annotations

from pathlib import Path

from modellab.corpus.readers.reader import Reader, document
from modellab.records import Document
from modellab.storage.csvfile import read_csv


def read(path: Path) -> list[Document]:
    table = read_csv(path, required=("id", "text"))
    return [
        document(row, f"{path}:{line}") for row, line in zip(table.rows, table.lines, strict=True)
    ]


READER = Reader("csv", (".csv",), read)
