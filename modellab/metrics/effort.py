"""What answers took: seconds, tokens, dollars, retries."""

from __future__ import annotations

from modellab.metrics.description import Better, MetricDescription, MetricFamily

_SECONDS = "0 or more (seconds)"
_KNOWN = "over the rows that tell it; empty where none does"
_PERCENTILE = (
    "numpy.percentile, method linear: between two observed values, so never outside of them"
)

FAMILY = MetricFamily(
    name="effort",
    title="Effort",
    applies_to="all tasks, per model and retriever, over all repeats",
    tables=("scores/{model}.json", "leaderboard.csv"),
    metrics=(
        MetricDescription(
            "avg_latency_seconds",
            "mean time of a generation; an answer made in a batch has the time of the batch",
            _SECONDS,
            Better.LOWER,
            _KNOWN,
        ),
        MetricDescription(
            "p{n}_latency_seconds",
            "the time that n percent of generations stay within",
            _SECONDS,
            Better.LOWER,
            _KNOWN,
            _PERCENTILE,
        ),
        MetricDescription(
            "total_time_seconds",
            "sum of generation times, each divided by the size of its batch",
            _SECONDS,
            Better.LOWER,
            _KNOWN,
        ),
        MetricDescription(
            "{input_or_output}_tokens",
            "sum of the tokens of prompts (input) or answers (output)",
            "0 or more",
            Better.LOWER,
            _KNOWN,
        ),
        MetricDescription(
            "cost_usd",
            "sum of what the provider's prices make of the tokens",
            "0 or more (USD)",
            Better.LOWER,
            "empty, not 0, for a model without a price",
        ),
        MetricDescription(
            "estimated_cost_usd", "`cost_usd` in score files", "0 or more (USD)", Better.LOWER
        ),
        MetricDescription(
            "total_retries",
            "requests that were sent again after an error",
            "0 or more",
            Better.LOWER,
        ),
    ),
)
