"""What the config says of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from modellab.databases.options import SqlOptions
from modellab.options import Options
from modellab.text.languages import AUTO, LanguageOption

#: what `columns` of a table may name
COLUMNS = ("id", "text", "title", "year", "type", "url", "document")


class ChunkingOptions(Options):
    """How documents are cut into chunks."""

    by: Literal["sentences", "sections", "rows"] = Field(
        default="sentences",
        description="sentences: a chunk may go across headings and pages; sections: each heading "
        "(of a PDF: each page) begins a new chunk; rows: what is read is cut already, and keeps "
        "its ids.",
    )
    max_words: PositiveInt = Field(
        default=120,
        description="The most words in a chunk; two characters of Chinese, Japanese or Thai count "
        "as a word.",
    )
    max_characters: PositiveInt | None = Field(
        default=None,
        description="The most characters in a chunk; stands beside max_words.",
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
    language: LanguageOption = Field(
        default=AUTO,
        description="The language of the documents, a code such as en, zh or tr (ISO 639-1); auto: "
        "found by their script and words.",
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
        unknown = sorted(set(self.sql.columns if self.sql else ()) - set(COLUMNS))
        if unknown:
            raise ValueError(f"sql.columns: unknown {unknown[0]!r}; known: {', '.join(COLUMNS)}")
        return self
