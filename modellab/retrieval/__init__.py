"""One file per retriever. A new one is a file, an import and a line in RetrieverEntry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.dense import DenseOptions
from modellab.retrieval.hybrid import HybridOptions
from modellab.retrieval.none import NoneOptions
from modellab.retrieval.oracle import OracleOptions
from modellab.retrieval.post_processing import PostProcessingOptions
from modellab.retrieval.query_decomposition import QueryDecompositionOptions
from modellab.retrieval.rerank import RerankOptions
from modellab.retrieval.shuffled import ShuffledOptions

RetrieverEntry = Annotated[
    Bm25Options
    | DenseOptions
    | HybridOptions
    | QueryDecompositionOptions
    | RerankOptions
    | PostProcessingOptions
    | OracleOptions
    | NoneOptions
    | ShuffledOptions,
    Field(discriminator="kind"),
]


def parse_retriever(data: Mapping[str, Any]) -> RetrieverEntry:
    """The options of one retriever from plain data. Raises pydantic.ValidationError."""
    entry: RetrieverEntry = TypeAdapter(RetrieverEntry).validate_python(data)
    return entry
