"""What a dump and a server are, before anything is loaded: nothing is written anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.sql.connecting import engine_of, reason, shown
from modellab.core.io.sql.dump import listing, major_version, plain_sql
from modellab.core.io.sql.making import EXTENSION
from modellab.core.io.sql.statements import statements

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

_MADE = re.compile(
    rf'CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?"?{EXTENSION}\b'.encode(), re.IGNORECASE
)
_LISTED = re.compile(rf"\bEXTENSION - {EXTENSION}\b".encode())
#: a dump makes its extensions before them
_TABLES = re.compile(rb"CREATE\s+(?:\w+\s+)?TABLE\b|COPY\b|INSERT\b", re.IGNORECASE)
_HERE = "SELECT 1 FROM pg_catalog.pg_extension WHERE extname = %s"
# an extension that is trusted may be made by whoever may make things in the database
_MAY_MAKE = """
SELECT bool_or((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
    OR (trusted AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')))
FROM pg_catalog.pg_available_extension_versions WHERE name = %s
"""


@dataclass(frozen=True)
class Dumped:
    """The version of pg_dump (None: it does not say), and whether the dump wants pgvector."""

    version: int | None
    vectors: bool


class Extension(Enum):
    """pgvector in a database, as the connection's role finds it."""

    THERE = "is there"
    MAY_BE_MADE = "may be made"
    OUT_OF_REACH = "may not be made by this role"
    MISSING = "the server does not have it"


def inspect_dump(dump: Path) -> Dumped:
    """Raises InputError as loading would: no dump, no pg_restore, one that is too old."""
    listed = listing(dump)
    if listed is not None:
        return Dumped(major_version(listed), bool(_LISTED.search(listed)))
    with plain_sql(dump) as (stream, head):
        for statement in statements(stream, str(dump)):
            if _MADE.match(statement.text):
                return Dumped(major_version(head), vectors=True)
            if _TABLES.match(statement.text):
                break
        return Dumped(major_version(head), vectors=False)


def inspect_extension(connection: psycopg.Connection) -> Extension:
    """Whether pgvector is in the database that is connected to."""
    if connection.execute(_HERE, [EXTENSION]).fetchone():
        return Extension.THERE
    row = connection.execute(_MAY_MAKE, [EXTENSION]).fetchone()
    may = row[0] if row else None
    if may is None:
        return Extension.MISSING
    return Extension.MAY_BE_MADE if may else Extension.OUT_OF_REACH


def count_tables(url: URL, what: str) -> int:
    """How many tables a database has. `what` is the key or variable of the URL.

    Raises InputError for one that cannot be reached or read.
    """
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    engine = engine_of(url, what)
    try:
        with engine.connect() as connection:
            return len(inspect(connection).get_table_names())
    except SQLAlchemyError as error:
        raise InputError(f"{shown(url)}: cannot be read ({reason(error, url)})") from None
    finally:
        engine.dispose()
