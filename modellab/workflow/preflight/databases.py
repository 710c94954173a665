"""Databases of the config: dumps that can be read, servers that answer and may be filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from modellab.config.databases import databases_of, entries_of, sql_of
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok, warning
from modellab.core.io.sql.connecting import postgres, shown, told, url_of
from modellab.core.io.sql.dump import digest_of
from modellab.core.io.sql.inspecting import (
    Dumped,
    Extension,
    count_tables,
    inspect_dump,
    inspect_extension,
)
from modellab.core.io.sql.making import is_made
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.sql.postgres import read_mark, refuse
from modellab.models.embedders.stored import StoredOptions

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

_BY_HAND = "as an administrator run there: CREATE EXTENSION vector"


def check_databases(config: Config) -> Iterator[Finding]:
    """Each entry of `databases`, and each place that names a URL of its own. Nothing is loaded."""
    asked = [databases_of(entry) for _, entry in entries_of(StoredOptions, config)]
    vectors = {name for names in asked for name in names}
    for name, options in config.databases.items():
        yield from _entry(f"database {name}", options, name in vectors)
    for location, sql in sql_of(config):
        if sql.database is None:
            subject = ".".join(map(str, location))
            yield from _one_line(subject, partial(_own_url, subject, sql))


def _entry(subject: str, options: DatabaseOptions, vectors: bool) -> Iterator[Finding]:
    dumped = None
    if options.dump is not None:
        try:
            dumped = inspect_dump(options.dump)
        except InputError as error:
            yield failure(subject, str(error), "")
        else:
            yield ok(subject, f"{options.dump} ({_version(dumped)})")
    if not options.embedded():
        check = _Target(subject, options, dumped, vectors)
        yield from _one_line(subject, check.findings)


def _version(dumped: Dumped) -> str:
    return f"of pg_dump {dumped.version}" if dumped.version else "a dump of PostgreSQL"


def _own_url(subject: str, options: SqlOptions | DatabaseOptions) -> Iterator[Finding]:
    url = url_of(options.url, options.url_env)
    tables = count_tables(url, options.url_env or "url")
    yield ok(subject, f"{shown(url)}: {tables} {'table' if tables == 1 else 'tables'}")


@dataclass(frozen=True)
class _Target:
    """A database that is read, and filled first if it has a dump."""

    subject: str
    options: DatabaseOptions
    dumped: Dumped | None
    vectors: bool

    def findings(self) -> Iterator[Finding]:
        options = self.options
        url = url_of(options.url, options.url_env)
        admin = url_of(None, options.admin_url_env) if options.admin_url_env else None
        if options.dump is None:
            yield from _own_url(self.subject, options)
        elif admin is not None and not is_made(admin, url):
            with postgres(admin) as connection, told(admin):
                yield ok(self.subject, f"{shown(url)}: {_server(connection)}, will be made")
                yield from self._fits(connection)
            return
        if url.get_backend_name() == "postgresql":
            with postgres(url) as connection, told(url):
                yield from self._there(connection, url)

    def _there(self, connection: psycopg.Connection, url: URL) -> Iterator[Finding]:
        """A database that is there: to be read only, filled already, or to be filled."""
        dump = self.options.dump
        mark = read_mark(connection) if dump else None
        if dump and mark and mark.sha256 == digest_of(dump):
            yield ok(self.subject, f"{shown(url)}: {_server(connection)}, holds {mark.dump}")
            return
        if dump:
            refuse(connection, url, mark, dump)
            yield ok(self.subject, f"{shown(url)}: {_server(connection)}, empty")
        yield from self._fits(connection)

    def _fits(self, connection: psycopg.Connection) -> Iterator[Finding]:
        """Whether the server is as new as the dump, and has pgvector where that is wanted."""
        server = connection.info.server_version // 10_000
        made = self.dumped.version if self.dumped else None
        if made is not None and made > server:
            told = f"the dump was made by version {made}, the server is {server}"
            yield warning(self.subject, told, "if it does not load, use a newer server")
        wanted = self.dumped is not None and self.dumped.vectors
        if wanted or self.vectors:
            yield self._pgvector(inspect_extension(connection), wanted, server)

    def _pgvector(self, found: Extension, wanted: bool, server: int) -> Finding:
        if found is Extension.THERE or (wanted and found is Extension.MAY_BE_MADE):
            return ok(self.subject, f"pgvector {found.value}")
        level = failure if wanted else warning
        apart = "" if wanted else "; not needed for vectors in columns of text"
        if found is Extension.MISSING:
            install = f"install it there (Debian: postgresql-{server}-pgvector)"
            return level(self.subject, "the server has no pgvector", install + apart)
        return level(self.subject, "pgvector is not in the database", _BY_HAND + apart)


def _server(connection: psycopg.Connection) -> str:
    return f"PostgreSQL {connection.info.server_version // 10_000}"


def _one_line(subject: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a check finds; what stops it is one more finding, which says what to do."""
    try:
        yield from check()
    except InputError as error:
        yield failure(subject, str(error), "")
