"""Documents as readers return them, and `documents.csv` with the status of each."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.text.escape import unescape_formula

READ, DUPLICATE, DROPPED, SKIPPED = "read", "duplicate", "dropped", "skipped"


@dataclass(frozen=True)
class SectionStart:
    """Start of a page or section: its offset in the document's text, and its page or headings."""

    start: int
    name: str


@dataclass(frozen=True)
class Document:
    """One document of a corpus. `source` is the file, or file and row, that it was read from.

    `places` are its pages or sections in text order. `part_of` is the id of the whole document
    where the corpus is already chunked. `path` is relative to the corpus folder, set where a file
    is one document. `notes` say what was left out or how the file was read.
    """

    id: str
    title: str
    text: str
    source: str
    year: int | None = None
    kind: str = ""
    url: str = ""
    places: tuple[SectionStart, ...] = ()
    part_of: str = ""
    path: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentRow:
    """A row of `documents.csv`.

    `status` is read, duplicate (kept; `same_as` has the same text), dropped (as a duplicate) or
    skipped (nothing could be read). `reason` says why, or what was not read of it. `path` and
    `part_of` are as in `Document`.
    """

    source: str
    status: str
    id: str = ""
    title: str = ""
    words: int | None = None
    chunks: int | None = None
    places: int | None = None
    reason: str = ""
    path: str = ""
    url: str = ""
    part_of: str = ""
    same_as: str = ""


def read_document_rows(path: Path) -> list[DocumentRow]:
    """The rows of the table without their counts. Raises InputError as `read_csv` does."""
    unread: dict[str, Any] = {"words": None, "chunks": None, "places": None}
    return [
        DocumentRow(**{**row, **unread, "title": unescape_formula(row["title"])})
        for row in read_csv(path, [field.name for field in fields(DocumentRow)]).rows
    ]
