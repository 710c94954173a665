"""Loading a dump into PostgreSQL: one transaction, an unprivileged role, a database of its own."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError
from modellab.core.io.sql.connecting import postgres, reason, shown
from modellab.core.io.sql.dump import digest_of, major_version, plain_sql
from modellab.core.io.sql.rules import beginning, is_run
from modellab.core.io.sql.statements import Statement, statements

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

log = logging.getLogger(__name__)

#: where a database says that this project filled it, and with what
MARK = "modellab"
_MARK_TABLE = f"{MARK}.loaded"

# what lets a role reach files, programs, other roles or other databases of the server
_PRIVILEGES = """
SELECT rolname FROM pg_catalog.pg_roles
WHERE pg_catalog.pg_has_role(current_user, oid, 'MEMBER')
AND (rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls OR rolname IN (
    'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
    'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend'))
ORDER BY rolname LIMIT 1
"""
# objects of the database's own, but for those that an extension brought
_OWN_OBJECTS = """
SELECT n.nspname || '.' || o.name FROM (
    SELECT oid, relnamespace AS space, relname AS name, 'pg_class'::regclass AS kind
        FROM pg_catalog.pg_class
    UNION ALL SELECT oid, pronamespace, proname, 'pg_proc'::regclass FROM pg_catalog.pg_proc
) o JOIN pg_catalog.pg_namespace n ON n.oid = o.space
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = o.kind AND d.objid = o.oid AND d.deptype = 'e')
ORDER BY 1 LIMIT 1
"""
_TABLES = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', %s)
AND n.nspname NOT LIKE 'pg\\_%%'
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Mark:
    """What a database says of how it was filled: by which version, with which dump (SHA-256)."""

    dump: str
    sha256: str
    version: str


def load_postgres(url: URL, dump: Path, version: str) -> dict[str, int]:
    """The rows of each table, once the dump is in the database; if it is there, nothing is done.

    Raises InputError for a server that cannot be reached, a role with privileges, a database that
    is not empty or holds another dump, and a dump that the server refuses. Nothing is then left.
    """
    sha256 = digest_of(dump)
    with postgres(url) as connection:
        _run(connection, url, "SELECT pg_catalog.pg_advisory_xact_lock(6203671)")
        found = read_mark(connection)
        if found is not None and found.sha256 == sha256:
            log.info("%s: holds %s already", shown(url), dump)
            return table_rows(connection)
        refuse(connection, url, found, dump)
        _fill(connection, url, dump)
        _write_mark(connection, Mark(dump.name, sha256, version))
        return table_rows(connection)


def read_mark(connection: psycopg.Connection) -> Mark | None:
    """None where this project has not filled the database."""
    there = connection.execute("SELECT pg_catalog.to_regclass(%s)", [_MARK_TABLE]).fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute(f"SELECT dump, sha256, version FROM {_MARK_TABLE}").fetchone()  # noqa: S608
    return Mark(*row) if row else None


def table_rows(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has; a table of the schema `public` goes by its bare name."""
    from psycopg import sql

    tables = connection.execute(_TABLES, [MARK]).fetchall()
    counts = {}
    for schema, name in tables:
        counted = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        ).fetchone()
        counts[name if schema == "public" else f"{schema}.{name}"] = counted[0] if counted else 0
    return counts


def drop_all(connection: psycopg.Connection) -> None:
    """Remove all that the connection's role owns in the database."""
    connection.execute("DROP OWNED BY CURRENT_USER CASCADE")


def refuse(connection: psycopg.Connection, url: URL, found: Mark | None, dump: Path) -> None:
    """Raises InputError for a database that holds other things, and for a role with privileges."""
    if found is not None:
        raise InputError(
            f"{shown(url)}: holds another dump ({found.dump}, {found.sha256[:12]}) than {dump}; "
            "empty it with: modellab database reset NAME --yes"
        )
    privileged = connection.execute(_PRIVILEGES).fetchone()
    if privileged:
        raise InputError(
            f"{shown(url)}: a dump is not loaded as a role with the rights of {privileged[0]!r}; "
            "name a role without any (or admin_url_env, and it is made)"
        )
    own = connection.execute(_OWN_OBJECTS).fetchone()
    if own:
        raise InputError(
            f"{shown(url)}: not empty (it holds {own[0]}); a dump wants a database of its own"
        )


def _fill(connection: psycopg.Connection, url: URL, dump: Path) -> None:
    passed = Counter[str]()
    with plain_sql(dump) as (stream, head):
        for statement in statements(stream, str(dump)):
            if not is_run(statement, str(dump)):
                passed[beginning(statement).split()[0]] += 1
                continue
            _load(connection, url, dump, head, statement)
    if passed:
        told = ", ".join(f"{count} {name}" for name, count in sorted(passed.items()))
        log.info("%s: statements passed over: %s", dump, told)


def _load(
    connection: psycopg.Connection, url: URL, dump: Path, head: bytes, statement: Statement
) -> None:
    import psycopg

    try:
        if statement.rows is None:
            connection.execute(statement.text)
        else:
            with connection.cursor() as cursor, cursor.copy(statement.text) as copy:
                for row in statement.rows:
                    copy.write(row)
    except psycopg.Error as error:
        said = f"{beginning(statement)!r} was refused by the server ({reason(error, url)})"
        raise InputError(
            f"{dump}:{statement.line}: {said}{_advice(connection, head, error)}"
        ) from None
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
        raise InputError(f"{dump}:{statement.line}: {beginning(statement)!r} ends the transaction")


def _advice(connection: psycopg.Connection, head: bytes, error: Exception) -> str:
    """What may be behind an error: an extension that is not there, or a newer server's dump."""
    text = str(error)
    if "extension" in text and "not available" in text:
        return "; install it on the server, or leave the URL out: an SQLite file needs no extension"
    if "extension" in text and "permission denied" in text:
        return "; have the extension made in this database by an administrator (or admin_url_env)"
    made, server = major_version(head), connection.info.server_version // 10_000
    if made is not None and made > server:
        return f"; the dump was made by version {made}, the server is {server}: use a newer one"
    return ""


def _write_mark(connection: psycopg.Connection, mark: Mark) -> None:
    connection.execute(f"CREATE SCHEMA {MARK}")
    connection.execute(
        f"CREATE TABLE {_MARK_TABLE} (dump text, sha256 text, version text, at timestamptz)"
    )
    connection.execute(
        f"INSERT INTO {_MARK_TABLE} VALUES (%s, %s, %s, pg_catalog.now())",  # noqa: S608
        [mark.dump, mark.sha256, mark.version],
    )


def _run(
    connection: psycopg.Connection, url: URL, query: Any, values: Mapping[str, Any] | None = None
) -> None:
    import psycopg

    try:
        connection.execute(query, values)
    except psycopg.Error as error:
        raise InputError(f"{shown(url)}: {reason(error, url)}") from None
