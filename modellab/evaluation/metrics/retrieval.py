"""How well a retriever finds what is known to be relevant."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.tasks.retrieval.metrics import DESCRIPTIONS

FAMILY = MetricFamily(
    name="retrieval",
    title="Retrieval",
    applies_to=(
        "retrievers, against `relevant_chunks` (level chunk) and `references` (level document) "
        "of the questions; a document stands at the rank of its first chunk, and k counts "
        "documents"
    ),
    tables=("retrieval.csv", "retrieval/{retriever}.csv"),
    metrics=(
        *DESCRIPTIONS,
        MetricDescription(
            "retrieval_consistency",
            "share of questions for which two searches find the same chunks in the same order",
            "0 to 1",
            Better.HIGHER,
            "all questions count, also unjudged ones; two searches by two processes",
        ),
    ),
)
