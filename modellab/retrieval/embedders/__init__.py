"""One file per embedder. A new one is a file, an import and a line in EmbedderEntry."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modellab.retrieval.embedders.litellm import LitellmEmbedderOptions
from modellab.retrieval.embedders.ollama import OllamaEmbedderOptions
from modellab.retrieval.embedders.sentence_transformers import SentenceTransformersOptions
from modellab.retrieval.embedders.tfidf_svd import TfidfSvdOptions

EmbedderEntry = Annotated[
    TfidfSvdOptions | SentenceTransformersOptions | OllamaEmbedderOptions | LitellmEmbedderOptions,
    Field(discriminator="kind"),
]
