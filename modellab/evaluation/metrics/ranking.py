"""One number of several metrics."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

FAMILY = MetricFamily(
    name="ranking",
    title="Ranking by several metrics",
    applies_to="datasets with a `ranking`, per model and retriever",
    tables=("overall_ranking.csv", "rank_summary.csv"),
    metrics=(
        MetricDescription(
            "aggregate",
            "sum over metrics of weight * value, the weights divided by their sum",
            "as the metrics; 0 to 1 where all of them are",
            Better.HIGHER,
            "none where a metric is missing; `missing: zero` counts 0 for it",
            "published rankings of RAGAS scores: faithfulness 0.4, answer relevancy 0.3, "
            "context precision 0.2, context recall 0.1",
        ),
    ),
)
