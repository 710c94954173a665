"""One file per embedder. A new one is a file, an import and a line in EmbedderEntry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from modellab.models.embedders.litellm import LitellmEmbedderOptions
from modellab.models.embedders.ollama import OllamaEmbedderOptions
from modellab.models.embedders.openai import OpenAIEmbedderOptions
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions

EmbedderEntry = Annotated[
    TfidfSvdOptions
    | SentenceTransformersOptions
    | OllamaEmbedderOptions
    | LitellmEmbedderOptions
    | OpenAIEmbedderOptions
    | StoredOptions,
    Field(discriminator="kind"),
]


def parse_embedder(data: Mapping[str, Any]) -> EmbedderEntry:
    """The options of one embedder from plain data. Raises pydantic.ValidationError."""
    entry: EmbedderEntry = TypeAdapter(EmbedderEntry).validate_python(data)
    return entry
