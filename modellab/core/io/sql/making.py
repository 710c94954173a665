"""Making the database of a dump, and the role that owns it, as an administrator."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.sql.connecting import postgres, reason, shown, told

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

log = logging.getLogger(__name__)

#: what dumps with vectors need, and only an administrator may bring in
EXTENSION = "vector"


def is_made(admin: URL, url: URL) -> bool:
    """Whether the role and the database of `url` are there. Raises InputError."""
    query = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s)
            AND EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %s)"""
    with postgres(admin) as connection, told(admin):
        row = connection.execute(query, [url.username, url.database]).fetchone()
        return bool(row and row[0])


def make_database(admin: URL, url: URL) -> None:
    """Make the role and the database of `url` where they are not there yet.

    The role may log in and nothing else; the database is its own, and nobody else may connect.
    Raises InputError for what the server refuses.
    """
    import psycopg

    if not url.username or not url.database:
        raise InputError(f"{shown(url)}: must name a role and a database, which are then made")
    try:
        with postgres(admin, autocommit=True) as connection:
            _make_role(connection, url.username, url.password)
            made = _make_database(connection, url.database, url.username)
        if made:
            with postgres(admin.set(database=url.database), autocommit=True) as connection:
                _add_extension(connection)
    except psycopg.Error as error:
        raise InputError(f"{shown(admin)}: {reason(error, url)}") from None


def _make_role(connection: psycopg.Connection, name: str, password: str | None) -> None:
    from psycopg import sql

    if connection.execute(
        "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s", [name]
    ).fetchone():
        return
    connection.execute(
        sql.SQL(
            # INHERIT: before version 16 the owner of a database else lacks what its owner may do
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
            "INHERIT PASSWORD {}"
        ).format(sql.Identifier(name), sql.Literal(password))
    )
    log.info("made the role %s", name)


def _make_database(connection: psycopg.Connection, name: str, owner: str) -> bool:
    from psycopg import sql

    known = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
    if connection.execute(known, [name]).fetchone():
        return False
    database, role = sql.Identifier(name), sql.Identifier(owner)
    if not _is_superuser(connection):
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
            database, role
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    log.info("made the database %s", name)
    return True


def _is_superuser(connection: psycopg.Connection) -> bool:
    query = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _add_extension(connection: psycopg.Connection) -> None:
    """pgvector, where the server has it."""
    query = "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = %s"
    if _is_superuser(connection) and connection.execute(query, [EXTENSION]).fetchone():
        connection.execute(f"CREATE EXTENSION {EXTENSION}")
