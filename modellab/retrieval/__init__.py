"""Retrievers: finding passages for questions.

A retriever is a subclass of `RetrieverOptions` (`modellab.retrieval.protocol`), and its name below
or an entry point of the group `modellab.retrievers`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from modellab.core.registry import OptionsFamily
from modellab.retrieval.protocol import RetrieverOptions

__all__ = ["RETRIEVERS", "RetrieverEntry", "parse_retriever"]

RETRIEVERS: OptionsFamily[RetrieverOptions] = OptionsFamily(
    "retriever",
    "modellab.retrievers",
    RetrieverOptions,
    {
        "bm25": "modellab.retrieval.bm25:Bm25Options",
        "dense": "modellab.retrieval.dense:DenseOptions",
        "hybrid": "modellab.retrieval.hybrid:HybridOptions",
        "query_decomposition": "modellab.retrieval.query_decomposition:QueryDecompositionOptions",
        "rerank": "modellab.retrieval.rerank:RerankOptions",
        "post_processing": "modellab.retrieval.post_processing:PostProcessingOptions",
        "run": "modellab.retrieval.run_file:RunOptions",
        "oracle": "modellab.retrieval.controls:OracleOptions",
        "none": "modellab.retrieval.controls:NoneOptions",
        "shuffled": "modellab.retrieval.controls:ShuffledOptions",
    },
)

if TYPE_CHECKING:
    RetrieverEntry: TypeAlias = RetrieverOptions
else:

    def __getattr__(name: str) -> Any:
        """The union of all members, for configs."""
        if name != "RetrieverEntry":
            raise AttributeError(name)
        return RETRIEVERS.entry()


def parse_retriever(data: Mapping[str, Any]) -> RetrieverOptions:
    """The options of one retriever from plain data. Raises pydantic.ValidationError."""
    return RETRIEVERS.parse(data)
