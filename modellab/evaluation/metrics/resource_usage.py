"""What answers took: seconds, tokens, dollars, retries."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SECONDS = "0 or more (seconds)"
_KNOWN = "over the rows that tell it; empty where none does"
_TEXTS = "over the `latency_n` rows with a text that tell it; failed rows have no part"
_BOTH = "of generation and retrieval together; each alone is in `generation` and `retrieval`"
_PERCENTILE = (
    "numpy.percentile, method linear: between two observed values, so never outside of them"
)

FAMILY = MetricFamily(
    name="resource_usage",
    title="Resource usage",
    applies_to="all tasks, per model and retriever, over all repeats",
    tables=("scores/{model}.json", "leaderboard.csv"),
    metrics=(
        MetricDescription(
            "avg_latency_seconds",
            "mean time from request to answer; an answer of a batch has the time of the batch, "
            "a row asked again that of all askings",
            _SECONDS,
            Better.LOWER,
            _TEXTS,
        ),
        MetricDescription(
            "p{n}_latency_seconds",
            "the time that n percent of answers stay within",
            _SECONDS,
            Better.LOWER,
            _TEXTS,
            _PERCENTILE,
        ),
        MetricDescription(
            "total_time_seconds",
            "wall clock of generation (shared by answers that overlap) and of retrieval",
            _SECONDS,
            Better.LOWER,
            _BOTH,
        ),
        MetricDescription(
            "seconds_per_answer",
            "wall clock of generation / rows with a text",
            _SECONDS,
            Better.LOWER,
            "what failed rows took is in it",
        ),
        MetricDescription(
            "items_per_second",
            "rows with a text / wall clock of generation",
            "0 or more",
            Better.HIGHER,
            _KNOWN,
        ),
        MetricDescription(
            "mean_concurrency",
            "sum of latencies / wall clock of generation: answers under way at a time",
            "0 or more",
            Better.NEITHER,
            _KNOWN,
        ),
        MetricDescription(
            "{input_or_output}_tokens",
            "sum of the tokens of prompts (input) or answers (output), of all askings",
            "0 or more",
            Better.LOWER,
            f"{_KNOWN}; {_BOTH}",
        ),
        MetricDescription(
            "cost_usd",
            "sum of what the price table makes of the tokens, of all askings",
            "0 or more (USD)",
            Better.LOWER,
            f"empty, not 0, for a model without a price; {_BOTH}",
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
