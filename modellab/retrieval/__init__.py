"""Retrievers: finding passages for questions.

A retriever is a subclass of `RetrieverOptions` (`modellab.retrieval.protocol`), and its name below
or an entry point of the group `modellab.retrievers`.
"""

from typing import Annotated

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

RetrieverEntry = Annotated[RetrieverOptions, RETRIEVERS]
parse_retriever = RETRIEVERS.parse
