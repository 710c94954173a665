"""Options of a corpus."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.table_file import TableOptions
from modellab.core.options import Options
from modellab.core.text.languages import AUTO, LanguageOption

#: keys of `columns`
COLUMNS = ("id", "text", "title", "year", "type", "url", "document")


class ChunkingOptions(Options):
    """How documents are chunked."""

    by: Literal["sentences", "sections", "rows"] = Field(
        default="sentences",
        description="sentences: a chunk may span headings and pages; sections: each heading (of a "
        "PDF: each page) starts a new chunk; rows: the corpus is already chunked; ids are kept.",
    )
    max_words: PositiveInt = Field(
        default=120,
        description="Maximum words in a chunk; two characters of Chinese, Japanese or Thai count "
        "as a word.",
    )
    max_characters: PositiveInt | None = Field(
        default=None,
        description="Maximum characters in a chunk, in addition to max_words.",
    )
    max_tokens: PositiveInt | None = Field(
        default=None,
        description="Maximum tokens in a chunk by `tokenizer`, in addition to max_words.",
    )
    tokenizer: str | None = Field(
        default=None,
        description="The tokenizer that counts tokens: a folder or a hub model.",
    )
    overlap_sentences: NonNegativeInt = Field(
        default=1,
        description="Number of sentences by which chunks overlap, as far as they fit.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.max_tokens is None) != (self.tokenizer is None):
            raise ValueError("max_tokens and tokenizer go together: give both or neither")
        return self


class CorpusOptions(TableOptions):
    """One entry of `corpora:`."""

    path: Path | None = Field(
        default=None,
        description="The file or folder to read, a folder with all its subfolders, or a data set "
        "of the hub: `hf://datasets/OWNER/NAME`.",
    )
    sql: SqlOptions | None = Field(default=None, description="A database to read instead of files.")
    format: Literal[
        "auto", "text", "markdown", "subtitles", "rtf", "notebook", "jsonl", "json", "csv", "tsv",
        "parquet", "arrow", "xlsx", "html", "pdf", "docx", "pptx", "odt", "epub", "eml", "mbox",
        "trec", "xml",
    ] = Field(
        default="auto",
        description="The file format; auto: by extension; text: every file as plain text.",
    )  # fmt: skip
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Columns or JSON keys of id, text, title, year, type, url and document, such "
        "as `{text: body, id: metadata.key}`; usual names are recognised.",
    )
    ocr: str | None = Field(
        default=None,
        description="The language in which an installed tesseract reads scanned pages of PDFs, "
        "such as eng or deu+eng; null: they are left out, with a warning.",
    )
    language: LanguageOption = Field(
        default=AUTO,
        description="The language of the documents, a code such as en, zh or tr (ISO 639-1); auto: "
        "detected.",
    )
    duplicates: Literal["keep", "drop"] = Field(
        default="keep",
        description="Whether to drop documents with the same text as another; both are reported. "
        "References to a dropped document apply to the one that is kept.",
    )
    chunking: ChunkingOptions = Field(
        default=ChunkingOptions(),
        description="How documents are chunked.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give either path or sql")
        if self.sql is not None and (self.columns or self.table_options() or self.ocr):
            raise ValueError(
                "columns, encoding and the like are for files; sql has its own `columns`"
            )
        tables = ("auto", "jsonl", "json", "csv", "tsv", "parquet", "arrow", "xlsx")
        if self.columns and self.format not in tables:
            raise ValueError(f"columns are for tables and JSON, not for format {self.format!r}")
        of_sql = self.sql.columns if self.sql else {}
        for where, columns in (("columns", self.columns), ("sql.columns", of_sql)):
            unknown = sorted(set(columns) - set(COLUMNS))
            if unknown:
                raise ValueError(f"{where}: unknown {unknown[0]!r}; known: {', '.join(COLUMNS)}")
        return self

    def decides_chunks(self) -> dict[str, Any]:
        """The options that affect the chunks (all but the language), as plain JSON."""
        return self.model_dump(mode="json", exclude={"language"})
