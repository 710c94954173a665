"""How fast and how reliably models answer."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SECONDS = "0 or more (seconds)"
_TEXTS = "over rows with a text; rows that failed have no part in latencies (`n_failed`)"
_CLOCK = (
    "rows with a text count; what failed rows took of the wall clock is in it; empty for answers "
    "that were not timed"
)
_PERCENTILE = "numpy.percentile, method linear: never outside of the observed times"


def _time(name: str, formula: str, source: str = "") -> MetricDescription:
    return MetricDescription(name, formula, _SECONDS, Better.LOWER, _TEXTS, source)


def _rate(name: str, formula: str, edge_cases: str = _CLOCK) -> MetricDescription:
    return MetricDescription(name, formula, "0 or more", Better.HIGHER, edge_cases)


#: the parts of a system that take something
_PARTS = {
    "generation": "making the answers",
    "retrieval": "finding the passages: search, reranking, planning of queries",
    "total": "both",
}


def _usage(part: str, of: str) -> tuple[MetricDescription, ...]:
    known = "a total is empty where a part of it is not known"
    return (
        MetricDescription(
            f"{part}_seconds",
            f"wall clock of {of}",
            _SECONDS,
            Better.LOWER,
            f"retrieval is done once for all repeats; loading is in none; {known}",
        ),
        MetricDescription(
            f"{part}_{{input_or_output}}_tokens",
            f"tokens of prompts (input) or replies (output) of {of}",
            "0 or more",
            Better.LOWER,
            known,
        ),
        MetricDescription(
            f"{part}_cost_usd",
            f"what the price table makes of the tokens of {of}",
            "0 or more (USD)",
            Better.LOWER,
            f"empty, not 0, where the cost of a text is not known; {known}",
        ),
    )


FAMILY = MetricFamily(
    name="efficiency",
    title="Performance",
    applies_to=(
        "each model with each retriever, and with all together; generation time is that of the "
        "generation itself (of its whole batch; of a row asked again, of all askings), wall time "
        "adds what was waited before it. Rates are by the wall clock of generation: each moment is "
        "shared equally by the requests under way in it (docs/performance.md)"
    ),
    tables=("efficiency.csv",),
    metrics=(
        MetricDescription(
            "success_rate",
            "rows with an answer or an abstention / rows asked",
            "0 to 1",
            Better.HIGHER,
            "rows that a submission lacks were never asked; `n_failed`: failed and unparsed rows",
        ),
        _time("mean_generation_seconds", "mean generation time"),
        _time(
            "p{n}_generation_seconds",
            "the time that n percent of generations stay within",
            _PERCENTILE,
        ),
        _time("mean_wall_seconds", "mean of generation time and waiting time together"),
        _time("p{n}_wall_seconds", "the time that n percent stay within", _PERCENTILE),
        MetricDescription(
            "seconds_per_answer",
            "wall clock of generation / rows with a text",
            _SECONDS,
            Better.LOWER,
            _CLOCK,
        ),
        MetricDescription(
            "mean_concurrency",
            "sum of generation times / wall clock of generation: answers under way at a time",
            "0 or more",
            Better.NEITHER,
            "less than 1 where nothing was under way for a while, such as at a rate limit",
        ),
        _rate("items_per_second", "rows with a text / wall clock of generation"),
        _rate(
            "fields_per_second",
            "values in the answers (of extracted records: all that are not null) / that wall clock",
            f"{_CLOCK}; unparsed rows hold no value",
        ),
        MetricDescription(
            "mean_entries",
            "mean number of objects in the lists of an extracted record",
            "0 or more",
            Better.NEITHER,
            "only for `extract`; over rows with a record, `n_failed`: those without",
        ),
        _rate(
            "entries_per_second",
            "objects in the lists of extracted records / wall clock of generation",
            f"only for `extract`; {_CLOCK}; unparsed rows hold none",
        ),
        _rate("output_tokens_per_second", "tokens of the answers / wall clock of generation"),
        *(told for part, of in _PARTS.items() for told in _usage(part, of)),
        MetricDescription(
            "run_wall_seconds",
            "what all runs that made the answers took, loading included",
            _SECONDS,
            Better.LOWER,
            "only of `(all)`; `n_scored` runs; `n_failed` were killed and do not tell",
        ),
        MetricDescription(
            "other_work_cores",
            "processor cores at work for anything else while the answers were made, on average",
            "0 or more",
            Better.NEITHER,
            "only of `(all)`; from 0.25 on times are marked as not measured alone",
        ),
    ),
)
