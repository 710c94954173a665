"""What the config says of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.options import Options


class ChunkingOptions(Options):
    """How documents are cut into chunks."""

    max_words: PositiveInt = Field(
        default=120,
        description="The most words in a chunk; only a longer table row is kept whole.",
    )
    overlap_sentences: NonNegativeInt = Field(
        default=1,
        description="How many last sentences of a chunk the next one repeats, as far as they fit.",
    )


class CorpusOptions(Options):
    """One entry of `corpora:`."""

    path: Path = Field(
        description="The file or folder to read; a folder is read with all its subfolders."
    )
    format: Literal["auto", "text", "markdown", "jsonl", "csv"] = Field(
        default="auto",
        description="How files are read; auto goes by the extension (.txt, .md, .jsonl, .csv).",
    )
    chunking: ChunkingOptions = Field(
        default=ChunkingOptions(),
        description="How documents are cut into chunks.",
    )
