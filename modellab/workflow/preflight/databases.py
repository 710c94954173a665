"""Checks of databases: dumps are readable, servers answer and may be filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from modellab.config.entries import sql_of
from modellab.config.schema import Config
from modellab.core.errors import Finding, InputError, failure, ok
from modellab.core.io.sql.connecting import postgres, shown, url_of
from modellab.core.io.sql.loading import check_server, rows_by_table
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.restoring import Dump, holds, listing, read_dump, refusals

if TYPE_CHECKING:
    import psycopg

_EXTENSION = re.compile(r"\bEXTENSION - (\S+)")
_AVAILABLE = "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = %s"


def check_databases(config: Config) -> Iterator[Finding]:
    """Each entry of `databases`, and each query with its own URL. Nothing is loaded."""
    for name, options in config.databases.items():
        subject = f"database {name}"
        yield from _one_line(subject, partial(_entry, subject, options))
    for location, sql in sql_of(config):
        if sql.database is None:
            subject = ".".join(map(str, location))
            yield from _one_line(subject, partial(_existing, subject, sql))


def _entry(subject: str, options: DatabaseOptions) -> Iterator[Finding]:
    if options.dump is None:
        yield from _existing(subject, options)
        return
    dump = read_dump(options.dump, trust=options.trust)
    listed = listing(dump) if dump.archive else ""
    yield ok(subject, f"{dump.path} ({'an archive' if dump.archive else 'trusted SQL'})")
    if options.embedded():
        check_server()
    else:
        yield from _target(subject, options, dump, listed)


def _target(subject: str, options: DatabaseOptions, dump: Dump, listed: str) -> Iterator[Finding]:
    """A server's database that is filled from a dump."""
    url = url_of(options.url, options.url_env)
    with postgres(url) as connection, refusals(url):
        state = "holds the dump" if holds(connection, url, dump) else "empty"
        version = connection.info.server_version // 10_000
        yield ok(subject, f"{shown(url)}: PostgreSQL {version}, {state}")
        yield from _extensions(subject, connection, listed)


def _extensions(subject: str, connection: psycopg.Connection, listed: str) -> Iterator[Finding]:
    for name in sorted(set(_EXTENSION.findall(listed))):
        if not connection.execute(_AVAILABLE, [name]).fetchone():
            yield failure(
                subject, f"the server has no extension {name!r}", "install it on the server"
            )


def _existing(subject: str, options: SqlOptions | DatabaseOptions) -> Iterator[Finding]:
    """A database that is only read."""
    url = url_of(options.url, options.url_env)
    tables = len(rows_by_table(url, options.url_env or "url"))
    yield ok(subject, f"{shown(url)}: {tables} {'table' if tables == 1 else 'tables'}")


def _one_line(subject: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check; an error is a finding, too."""
    try:
        yield from check()
    except InputError as error:
        yield failure(subject, str(error), "")
