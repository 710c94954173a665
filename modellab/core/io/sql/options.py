"""Options of databases, and of queries."""

import re
from pathlib import Path
from typing import Self

from pydantic import Field, PositiveFloat, model_validator

from modellab.core.options import Options
from modellab.core.secrets import VariableName

#: user:password@ before the host, or a password in the query
_PASSWORD = re.compile(r"://[^/@]*:[^/@]+@|[?&]password=")


class _UrlOptions(Options):
    """The URL of a database, directly or in a variable."""

    url: str | None = Field(
        default=None,
        description="URL of the database without a password, such as sqlite:///notes.db.",
    )
    url_env: VariableName | None = Field(
        default=None,
        description="The environment variable (or line of .env) with the URL and its password.",
    )

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if self.url is not None and self.url_env is not None:
            raise ValueError("give either url or url_env")
        if self.url is not None and _PASSWORD.search(self.url):
            raise ValueError("url holds a password; put the URL into a variable and name url_env")
        return self

    def files(self) -> list[str]:
        """The file of an SQLite database, as an input of rules; none for a server."""
        path = (self.url or "").removeprefix("sqlite:///").split("?")[0]
        return [path] if path and path != self.url and not path.startswith(("file:", ":")) else []


class DatabaseOptions(_UrlOptions):
    """One entry of `databases:`: a dump and its target, or an existing database."""

    dump: Path | None = Field(
        default=None,
        description="A dump of PostgreSQL: an archive of pg_dump (custom, tar or directory "
        "format), or plain SQL (maybe gzipped) with `trust`; null: an existing database. Without "
        "a URL it becomes an SQLite file in the results.",
    )
    trust: bool = Field(
        default=False,
        description="Whether to run a dump in plain SQL, which can also run programs on this "
        "machine. Not needed for archives.",
    )
    timeout_minutes: PositiveFloat = Field(
        default=60, description="Time limit for restoring the dump."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.dump is None and self.url is None and self.url_env is None:
            raise ValueError("give a dump, a url or a url_env")
        if self.dump is not None and (self.url or "").startswith("sqlite"):
            raise ValueError("a dump goes into PostgreSQL; for an SQLite file, leave url out")
        if self.trust and self.dump is None:
            raise ValueError("trust: only for a dump")
        return self

    def embedded(self) -> bool:
        """Whether the dump is restored into an SQLite file in the results."""
        return self.url is None and self.url_env is None


class SqlOptions(_UrlOptions):
    """Rows of a query or table."""

    database: str | None = Field(default=None, description="The name of an entry of `databases`.")
    query: str | None = Field(
        default=None, description="A SELECT whose columns have the expected names."
    )
    table: str | None = Field(
        default=None, description="A table or view instead of a query, maybe as `schema.name`."
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Columns of the table by the name to use, such as `text: body`; default: all, "
        "with their own names.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.database is None and self.url is None and self.url_env is None:
            raise ValueError("give either database, url or url_env")
        if (self.query is None) == (self.table is None):
            raise ValueError("give either query or table")
        if self.columns and self.table is None:
            raise ValueError("columns go with a table; a query names its own (AS)")
        return self

    def at(self, database: DatabaseOptions, embedded: Path) -> Self:
        """With the URL of the database entry; `embedded` is the path of its SQLite file."""
        where = {"url": database.url, "url_env": database.url_env}
        if database.embedded():
            where["url"] = f"sqlite:///{embedded}"
        return self.model_copy(update=where)

    def files(self) -> list[str]:
        """As for any database; none for an entry of `databases`, which has a stamp."""
        return super().files() if self.database is None else []
