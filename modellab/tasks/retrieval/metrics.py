"""The metrics of rankings, of questions and as their means."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SOURCE = "ir_measures (pytrec_eval)"
_JUDGED = "unjudged questions are left out (`n_unjudged`); empty where a ranking ends before k"


def _metric(name: str, formula: str) -> MetricDescription:
    return MetricDescription(name, formula, "0 to 1", Better.HIGHER, _JUDGED, _SOURCE)


DESCRIPTIONS = (
    _metric("hit_rate@{k}", "share of questions with a relevant item among the first k"),
    _metric("precision@{k}", "relevant items among the first k / k"),
    _metric("recall@{k}", "relevant items among the first k / all relevant items"),
    _metric("mrr", "mean of 1 / rank of the first relevant item; 0 if none is in the first 10"),
    _metric(
        "ndcg@{k}",
        "sum of grade / log2(rank + 1) over the relevant items among the first k, divided by "
        "the greatest sum that the question allows; without grades each is 1",
    ),
)

FAMILY = MetricFamily(
    name="rankings",
    title="Rankings",
    applies_to=(
        "`retrieval` tasks: what each retriever finds, of documents or chunks (`level`); questions "
        "of which nothing is judged have no marks"
    ),
    tables=("scores/{model}.csv", "scores/{model}.json", "leaderboard.csv"),
    metrics=(
        *DESCRIPTIONS,
        MetricDescription(
            "overall",
            "the metric that the scorer's `overall` names, by default `ndcg@10`",
            "0 to 1",
            Better.HIGHER,
            "the mean over judged questions",
        ),
    ),
)
