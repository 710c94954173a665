"""`documents.csv`: what became of each document, and by which names it may be referred to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.text.spreadsheet import as_it_was

READ, DUPLICATE, DROPPED, SKIPPED = "read", "duplicate", "dropped", "skipped"


@dataclass(frozen=True)
class DocumentRow:
    """A line of the table.

    `status` is read, duplicate (kept, though `same_as` says the same), dropped (for that) or
    skipped (nothing could be read). `reason` says why, or what of it was not read. `path` is the
    file in the folder of the corpus, where the file is this document; `part_of` what it is a piece
    of, in a corpus that is cut already.
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
    """The names in the table; the counts are left out. Raises InputError as `read_csv` does."""
    return [
        DocumentRow(
            source=row["source"],
            status=row["status"],
            id=row["id"],
            title=as_it_was(row["title"]),
            reason=row["reason"],
            path=row["path"],
            url=row["url"],
            part_of=row["part_of"],
            same_as=row["same_as"],
        )
        for row in read_csv(path, ("path", "url", "part_of", "same_as")).rows
    ]
