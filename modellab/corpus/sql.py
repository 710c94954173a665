"""Documents from a database, one per row of a query or table."""

from __future__ import annotations

from modellab.core.errors import InputError
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows
from modellab.core.records import Document
from modellab.corpus.readers.reader import EmptyTextError, FileRead, Skipped, document


def read_sql(options: SqlOptions) -> FileRead:
    """The documents in the order of the rows; a row with an empty text is left out.

    Raises InputError (never with the URL's password) as `query_rows` does, and for missing
    columns, a row that is no document, and two rows with one id.
    """
    where, rows = query_rows(options)
    for name in ("id", "text"):
        if name not in rows[0]:
            raise InputError(
                f"{where}: {_source(options)} has no column {name!r} (found: "
                f"{', '.join(rows[0])}); {_advice(options, name)}"
            )
    documents: list[Document] = []
    skipped: list[Skipped] = []
    for number, row in enumerate(rows, start=1):
        place = f"{where}: row {number}"
        try:
            documents.append(document(row, place))
        except EmptyTextError as error:
            skipped.append(error.skipped)
    if not documents:
        raise InputError(f"{where}: no row has a text")
    seen: set[str] = set()
    for found in documents:
        if found.id in seen:
            raise InputError(f"{found.source}: id {found.id!r} is a duplicate; ids must be unique")
        seen.add(found.id)
    return FileRead(tuple(documents), tuple(skipped))


def _source(options: SqlOptions) -> str:
    return f"table {options.table!r}" if options.table else "the query"


def _advice(options: SqlOptions, name: str) -> str:
    return f"name the column of {name} in `columns`" if options.table else "rename one with AS"
