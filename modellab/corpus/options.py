"""What the config says of a corpus."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.table_file import Reading
from modellab.core.options import Options
from modellab.core.text.languages import AUTO, LanguageOption

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
        description="The most characters in a chunk; applies together with max_words.",
    )
    max_tokens: PositiveInt | None = Field(
        default=None,
        description="The most tokens in a chunk, counted by `tokenizer`; applies with max_words.",
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
        description="The file or folder to read, a folder with all its subfolders, or a data set "
        "of the hub: `hf://datasets/OWNER/NAME`.",
    )
    sql: SqlOptions | None = Field(default=None, description="A database to read instead of files.")
    format: Literal[
        "auto",
        "text",
        "markdown",
        "jsonl",
        "json",
        "csv",
        "tsv",
        "parquet",
        "arrow",
        "xlsx",
        "html",
        "pdf",
        "docx",
    ] = Field(default="auto", description="How files are read; auto goes by the extension.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="What tables and JSON files call id, text, title, year, type, url and "
        "document, such as `{text: body, id: metadata.key}`; usual names are recognised.",
    )
    encoding: str | None = Field(
        default=None,
        description="The encoding of text files, such as cp1252; null: UTF-8, or what is detected.",
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="The sign between cells of CSV files; null: detected.",
    )
    sheet: str | None = Field(
        default=None, description="The sheet of workbooks; null: the only one with documents."
    )
    split: str | None = Field(
        default=None,
        description="The split of a folder of the datasets library; null: the only one.",
    )
    subset: str | None = Field(
        default=None, description="The subset (configuration) of such a folder; null: the only one."
    )
    ocr: str | None = Field(
        default=None,
        description="The language in which an installed tesseract reads scanned pages of PDFs, "
        "such as eng or deu+eng; null: they are left out, with a warning.",
    )
    language: LanguageOption = Field(
        default=AUTO,
        description="The language of the documents, a code such as en, zh or tr (ISO 639-1); auto: "
        "found by their script and words.",
    )
    duplicates: Literal["keep", "drop"] = Field(
        default="keep",
        description="What becomes of a document whose text another one has; both are reported. "
        "References to one that is dropped are to the one that stays.",
    )
    chunking: ChunkingOptions = Field(
        default=ChunkingOptions(),
        description="How documents are cut into chunks.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give either path or sql")
        if self.sql is not None and (self.columns or self.reading() != Reading() or self.ocr):
            raise ValueError(
                "columns, encoding and the like are of files; sql has `columns` of its own"
            )
        if self.columns and self.format in ("text", "markdown", "html", "pdf", "docx"):
            raise ValueError(f"columns are of tables and JSON, not of format {self.format!r}")
        for where, columns in (("columns", self.columns), ("sql.columns", _columns(self.sql))):
            unknown = sorted(set(columns) - set(COLUMNS))
            if unknown:
                raise ValueError(f"{where}: unknown {unknown[0]!r}; known: {', '.join(COLUMNS)}")
        return self

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str | None) -> str | None:
        try:
            codecs.lookup(encoding or "utf-8")
        except LookupError:
            raise ValueError(f"unknown encoding {encoding!r}; such as utf-8 or cp1252") from None
        return encoding

    def reading(self) -> Reading:
        """How tables and text files are read."""
        return Reading(self.encoding, self.delimiter, None, self.sheet, self.split, self.subset)

    def decides_chunks(self) -> dict[str, Any]:
        """The options that decide the chunks, as plain JSON: the language does not."""
        return self.model_dump(mode="json", exclude={"language"})


def _columns(sql: SqlOptions | None) -> Mapping[str, str]:
    return sql.columns if sql else {}
