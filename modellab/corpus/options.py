"""What the config says of a corpus."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from modellab.options import Options

#: a user's name and something behind a colon, before the host
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@|[?&]password=")


class ChunkingOptions(Options):
    """How documents are cut into chunks."""

    by: Literal["sentences", "sections"] = Field(
        default="sentences",
        description="sentences: a chunk may go across headings and pages; sections: each heading "
        "(of a PDF: each page) begins a new chunk.",
    )
    max_words: PositiveInt = Field(
        default=120,
        description="The most words in a chunk; only a longer table row is kept whole.",
    )
    max_tokens: PositiveInt | None = Field(
        default=None,
        description="The most tokens in a chunk, counted by `tokenizer`; stands beside max_words.",
    )
    tokenizer: str | None = Field(
        default=None,
        description="Whose tokens are counted: a folder with a tokenizer, or a hub model.",
    )
    overlap_sentences: NonNegativeInt = Field(
        default=1,
        description="How many last sentences of a chunk the next one repeats, as far as they fit.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.max_tokens is None) != (self.tokenizer is None):
            raise ValueError("max_tokens and tokenizer go together: give both or neither")
        return self


class SqlOptions(Options):
    """Documents from a database: one per row of a query."""

    url: str | None = Field(
        default=None,
        description="Where the database is, such as sqlite:///notes.db; without a password.",
    )
    url_env: str | None = Field(
        default=None, description="The environment variable that holds the URL, password and all."
    )
    query: str = Field(
        description="A SELECT with columns id, text and perhaps title, year, type and url."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give either url or url_env")
        if self.url is not None and _PASSWORD.search(self.url):
            raise ValueError("url holds a password; put the URL into a variable and name url_env")
        return self

    def files(self) -> list[str]:
        """The file of an SQLite database, which can be seen to change; of a server, nothing."""
        path = (self.url or "").removeprefix("sqlite:///").split("?")[0]
        return [path] if path and path != self.url else []


class CorpusOptions(Options):
    """One entry of `corpora:`."""

    path: Path | None = Field(
        default=None,
        description="The file or folder to read; a folder is read with all its subfolders.",
    )
    sql: SqlOptions | None = Field(default=None, description="A database to read instead of files.")
    format: Literal["auto", "text", "markdown", "jsonl", "csv", "json", "html", "pdf", "docx"] = (
        Field(default="auto", description="How files are read; auto goes by the extension.")
    )
    duplicates: Literal["keep", "drop"] = Field(
        default="keep",
        description="What becomes of a document whose text another one has; both are told of.",
    )
    chunking: ChunkingOptions = Field(
        default=ChunkingOptions(),
        description="How documents are cut into chunks.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give either path or sql")
        return self
