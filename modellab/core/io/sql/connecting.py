"""From a URL to a connection; what goes wrong is one line without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError
from modellab.core.secrets import keep_secret, scrub, variable

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL, Engine

#: seconds until a server must have answered
CONNECT_TIMEOUT = 10
_EXAMPLES = "for example sqlite:///notes.db or postgresql://user@host/name"


def url_of(url: str | None, url_env: str | None) -> URL:
    """The URL as it is written, or from the environment or `.env`.

    Raises InputError for a variable that is not set, and for what is no URL.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    text = url or variable(url_env or "")
    if not text:
        raise InputError(
            f"database: the variable {url_env} is not set; it holds the URL, {_EXAMPLES}"
        )
    # the name without a driver stands for another driver in SQLAlchemy
    plain = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)
    try:
        found = make_url(plain)
    except (ArgumentError, ValueError):
        raise InputError(f"{url_env or 'url'}: not a database URL; {_EXAMPLES}") from None
    for value in (found.password, found.query.get("password")):
        keep_secret(str(value or ""))
    return found


def shown(url: URL) -> str:
    """The URL as it was written, without its password."""
    text = url.render_as_string(hide_password=True)
    text = text.replace("postgresql+psycopg://", "postgresql://", 1)
    return re.sub(r"(password=)[^&]*", r"\1***", text)


def engine_of(url: URL, what: str) -> Engine:
    """`what` is the key or variable that the URL comes from. Raises InputError."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    # a file that is not there would be made, empty
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        _require_file(url.database)
    timeout = {"connect_timeout": CONNECT_TIMEOUT} if _is_postgres(url) else {}
    timeout = {} if "connect_timeout" in url.query else timeout
    try:
        return create_engine(url, connect_args=timeout)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        kind = error.name if isinstance(error, ModuleNotFoundError) else "not a database URL"
        raise InputError(f"{what}: {kind or 'a driver is missing'}; {_EXAMPLES}") from None


@contextmanager
def postgres(url: URL, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A connection to PostgreSQL: one transaction, unless `autocommit`.

    Raises InputError for another kind of database, a missing driver, and a server that cannot be
    reached or refuses.
    """
    if not _is_postgres(url):
        raise InputError(f"{shown(url)}: a dump of PostgreSQL is restored into PostgreSQL")
    psycopg = _driver()
    given = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    try:
        connection = psycopg.connect(
            **{"connect_timeout": CONNECT_TIMEOUT, **given}, autocommit=autocommit
        )
    except psycopg.Error as error:
        raise InputError(f"{shown(url)}: cannot be reached ({reason(error, url)})") from None
    with connection:
        yield connection


def reason(error: BaseException, url: URL) -> str:
    """An error's own words on one line, without the password."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    return scrub(said, [url.password] if url.password else [])


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise InputError(
            "PostgreSQL: the driver is missing; run: pip install -e '.[postgres]'"
        ) from None
    return psycopg


def _is_postgres(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _require_file(name: str) -> None:
    from pathlib import Path

    if not name.startswith("file:") and not Path(name).is_file():
        raise InputError(f"{name}: no such file; expected an SQLite database")
