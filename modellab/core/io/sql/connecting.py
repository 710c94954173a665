"""Database connections from URLs; errors are one line without passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.secrets import hide_secret, scrub, variable

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL, Engine

#: seconds
_CONNECT_TIMEOUT = 10
_EXAMPLES = "for example sqlite:///notes.db or postgresql://user@host/name"


def url_of(url: str | None, url_env: str | None) -> URL:
    """The given URL, or the one in an environment variable or `.env`.

    Raises InputError for a variable that is not set, and for an invalid URL.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    text = url or variable(url_env or "")
    if not text:
        raise InputError(
            f"database: the variable {url_env} is not set; it holds the URL, {_EXAMPLES}"
        )
    # SQLAlchemy's default driver is another one
    plain = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)
    try:
        found = make_url(plain)
    except (ArgumentError, ValueError):
        raise InputError(f"{url_env or 'url'}: not a database URL; {_EXAMPLES}") from None
    for value in (found.password, found.query.get("password")):
        hide_secret(str(value or ""))
    return found


def shown(url: URL) -> str:
    """The original URL without its password."""
    text = url.render_as_string(hide_password=True)
    text = text.replace("postgresql+psycopg://", "postgresql://", 1)
    return re.sub(r"(password=)[^&]*", r"\1***", text)


def engine_of(url: URL, what: str) -> Engine:
    """An engine; `what` is the key or variable of the URL, for errors. Raises InputError."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    name = url.database or ":memory:"
    is_file = url.get_backend_name() == "sqlite" and not name.startswith((":memory:", "file:"))
    # a missing file would be created
    if is_file and not Path(name).is_file():
        raise InputError(f"{name}: no such file; expected an SQLite database")
    timeout = {"connect_timeout": _CONNECT_TIMEOUT} if _is_postgres(url) else {}
    timeout = {} if "connect_timeout" in url.query else timeout
    try:
        return create_engine(url, connect_args=timeout)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        kind = error.name if isinstance(error, ModuleNotFoundError) else "not a database URL"
        raise InputError(f"{what}: {kind or 'a driver is missing'}; {_EXAMPLES}") from None


@contextmanager
def postgres(url: URL, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection to PostgreSQL: one transaction, unless `autocommit`.

    Raises InputError for another database, a missing driver, and a failed connection.
    """
    if not _is_postgres(url):
        raise InputError(f"{shown(url)}: a dump of PostgreSQL must be restored into PostgreSQL")
    try:
        import psycopg
    except ImportError:
        raise InputError(
            "PostgreSQL: the driver is missing; run: pip install -e '.[postgres]'"
        ) from None
    given = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    try:
        connection = psycopg.connect(
            **{"connect_timeout": _CONNECT_TIMEOUT, **given}, autocommit=autocommit
        )
    except psycopg.Error as error:
        raise InputError(f"{shown(url)}: cannot be reached ({reason(error, url)})") from None
    with connection:
        yield connection


def reason(error: BaseException, url: URL) -> str:
    """The message of an error on one line, without the password."""
    message = " ".join(str(getattr(error, "orig", None) or error).split())
    return scrub(message, [url.password] if url.password else [])


def _is_postgres(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"
