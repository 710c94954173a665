"""How well a retriever finds what is known to be relevant."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SOURCE = "ir_measures (pytrec_eval)"
_JUDGED = "unjudged questions are left out (`n_unjudged`); empty where a ranking ends before k"


def _metric(name: str, formula: str) -> MetricDescription:
    return MetricDescription(name, formula, "0 to 1", Better.HIGHER, _JUDGED, _SOURCE)


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
        _metric("hit_rate@{k}", "share of questions with a relevant item among the first k"),
        _metric("precision@{k}", "relevant items among the first k / k"),
        _metric("recall@{k}", "relevant items among the first k / all relevant items"),
        _metric("mrr", "mean of 1 / rank of the first relevant item; 0 if none is in the first 10"),
        _metric(
            "ndcg@{k}",
            "sum of grade / log2(rank + 1) over the relevant items among the first k, divided by "
            "the greatest sum that the question allows; without grades each is 1",
        ),
        MetricDescription(
            "retrieval_consistency",
            "share of questions for which two searches find the same chunks in the same order",
            "0 to 1",
            Better.HIGHER,
            "all questions count, also unjudged ones; two searches by two processes",
        ),
    ),
)
