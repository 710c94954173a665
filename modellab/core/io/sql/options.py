"""What the config says of databases, and of what is read from them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import Field, PositiveFloat, model_validator

from modellab.core.options import Options

#: a user's name and something behind a colon, before the host
_PASSWORD = re.compile(r"://[^/@]*:[^/@]+@|[?&]password=")


class DatabaseOptions(Options):
    """One entry of `databases:`: a dump and where it goes, or a database that is there."""

    dump: Path | None = Field(
        default=None,
        description="What pg_dump wrote: plain SQL (perhaps .gz), or its custom, tar or directory "
        "format; null: the database is there already.",
    )
    url: str | None = Field(
        default=None,
        description="Where the database is, such as sqlite:///notes.db; without a password. With "
        "a dump and without any URL: an SQLite file among the results.",
    )
    url_env: str | None = Field(
        default=None,
        description="The environment variable (or line of .env) with the URL, password and all.",
    )
    admin_url_env: str | None = Field(
        default=None,
        description="The variable with the URL of a role that may create the database and its "
        "role, where they are not there yet; the dump is never loaded as this role.",
    )
    timeout_minutes: PositiveFloat = Field(
        default=60, description="Loading the dump is given up after so long."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _one_url(self.url, self.url_env)
        if self.dump is None and self.url is None and self.url_env is None:
            raise ValueError("give a dump, a url or a url_env")
        if self.dump is not None and (self.url or "").startswith("sqlite"):
            raise ValueError("a dump goes into PostgreSQL; for an SQLite file, leave url out")
        if self.admin_url_env and (self.dump is None or not (self.url or self.url_env)):
            raise ValueError("admin_url_env: only for a dump that goes to a url or url_env")
        return self

    def files(self) -> list[str]:
        """The file of an SQLite database, which can be seen to change; of a server, nothing."""
        return _sqlite_files(self.url)

    def embedded(self) -> bool:
        """Whether the dump becomes an SQLite file among the results."""
        return self.url is None and self.url_env is None


class SqlOptions(Options):
    """Rows of a database: those of a query, or of a table."""

    database: str | None = Field(default=None, description="The name of an entry of `databases`.")
    url: str | None = Field(
        default=None,
        description="Where the database is, such as sqlite:///notes.db; without a password.",
    )
    url_env: str | None = Field(
        default=None,
        description="The environment variable (or line of .env) with the URL, password and all.",
    )
    query: str | None = Field(
        default=None, description="A SELECT; its columns are named as they are to be read."
    )
    table: str | None = Field(
        default=None, description="A table or view instead of a query; `schema.name` if need be."
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="What is read of the table, and the column that it stands in, such as "
        "`text: body`; default: every column under its own name.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _one_url(self.url, self.url_env)
        if self.database is None and self.url is None and self.url_env is None:
            raise ValueError("give either database, url or url_env")
        if (self.query is None) == (self.table is None):
            raise ValueError("give either query or table")
        if self.columns and self.table is None:
            raise ValueError("columns go with a table; a query names its own (AS)")
        return self

    def at(self, database: DatabaseOptions, embedded: Path) -> Self:
        """The same rows, with the database's own URL; `embedded` is where an SQLite file lies."""
        where = {"url": database.url, "url_env": database.url_env}
        if database.embedded():
            where["url"] = f"sqlite:///{embedded}"
        return self.model_copy(update=where)

    def files(self) -> list[str]:
        """The file of an SQLite database, which can be seen to change; of a server, nothing.

        Nothing also of an entry of `databases`: its stamp says when it is loaded anew.
        """
        return _sqlite_files(self.url) if self.database is None else []


def _sqlite_files(url: str | None) -> list[str]:
    path = (url or "").removeprefix("sqlite:///").split("?")[0]
    return [path] if path and path != url and not path.startswith(("file:", ":")) else []


def _one_url(url: str | None, url_env: str | None) -> None:
    if url is not None and url_env is not None:
        raise ValueError("give either url or url_env")
    if url is not None and _PASSWORD.search(url):
        raise ValueError("url holds a password; put the URL into a variable and name url_env")
