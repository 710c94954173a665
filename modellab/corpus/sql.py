"""Documents from a database, one per row of a query."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from modellab.corpus.options import SqlOptions
from modellab.corpus.readers.reader import document
from modellab.errors import InputError
from modellab.records import Document

if TYPE_CHECKING:
    from sqlalchemy import Engine


def read_sql(options: SqlOptions) -> list[Document]:
    """The documents in the order of the query's rows.

    Raises InputError (never with the URL's password) for a variable that is not set, a server
    that cannot be reached, a query that fails, missing columns, a row that is no document, no
    rows, and two rows with one id.
    """
    where, rows = query_rows(options)
    return _documents(where, rows)


def query_rows(options: SqlOptions) -> tuple[str, list[dict[str, object]]]:
    """Where the database is (without a password), and the rows of the query.

    Raises InputError as `read_sql` does for what is wrong with URL, server and query.
    """
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(options)
    where = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(text(options.query))
            columns = tuple(result.keys())
            rows = [dict(zip(columns, row, strict=True)) for row in result]
    except SQLAlchemyError as error:
        # only the driver's own words: the library adds the query and a link
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        raise InputError(f"{where}: the query failed ({reason})") from None
    finally:
        engine.dispose()
    if not rows:
        raise InputError(f"{where}: the query gives no rows (columns: {', '.join(columns)})")
    return where, rows


def _documents(where: str, rows: list[dict[str, object]]) -> list[Document]:
    for name in ("id", "text"):
        if name not in rows[0]:
            raise InputError(
                f"{where}: the query has no column {name!r} (found: {', '.join(rows[0])}); "
                "rename one with AS"
            )
    documents = [document(row, f"{where}: row {n}") for n, row in enumerate(rows, start=1)]
    seen: set[str] = set()
    for found in documents:
        if found.id in seen:
            raise InputError(f"{found.source}: id {found.id!r} stands twice; ids must be unique")
        seen.add(found.id)
    return documents


def _engine(options: SqlOptions) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    url = options.url or os.environ.get(options.url_env or "")
    if not url:
        raise InputError(f"corpus from a database: the variable {options.url_env} is not set")
    try:
        return create_engine(url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        what = options.url_env or "url"
        known = "for example sqlite:///notes.db or postgresql+psycopg://user@host/name"
        kind = error.name if isinstance(error, ModuleNotFoundError) else "not a database URL"
        raise InputError(f"{what}: {kind or 'a driver is missing'}; {known}") from None
