"""How fast and how reliably models answer."""

from __future__ import annotations

from modellab.metrics.description import Better, MetricDescription, MetricFamily

_SECONDS = "0 or more (seconds)"
_TEXTS = "over rows with a text; rows that failed have no part in times (`n_failed`)"
_PERCENTILE = "numpy.percentile, method linear: never outside of the observed times"


def _time(name: str, formula: str, source: str = "") -> MetricDescription:
    return MetricDescription(name, formula, _SECONDS, Better.LOWER, _TEXTS, source)


def _rate(name: str, formula: str, edge_cases: str = _TEXTS) -> MetricDescription:
    return MetricDescription(name, formula, "0 or more", Better.HIGHER, edge_cases)


FAMILY = MetricFamily(
    name="performance",
    title="Performance",
    applies_to=(
        "each model with each retriever, and with all together; generation time is that of the "
        "generation itself (of its whole batch), wall time adds what was waited before it"
    ),
    tables=("performance.csv",),
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
        _rate("items_per_second", "rows / sum of generation times, a batch's shared by its rows"),
        _rate(
            "fields_per_second",
            "values in the answers (of extracted records: all that are not null) / that sum",
            f"{_TEXTS}; unparsed rows hold no value",
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
            "objects in the lists of extracted records / sum of their generation times",
            f"only for `extract`; {_TEXTS}; unparsed rows hold none",
        ),
        _rate("output_tokens_per_second", "tokens of the answers / that sum"),
        MetricDescription(
            "run_wall_seconds",
            "what the last run that made predictions took, loading included",
            _SECONDS,
            Better.LOWER,
            "empty where the run took all answers from the journal",
        ),
        _rate(
            "run_items_per_second",
            "answers that run generated / its wall time",
            "answers from the journal do not count",
        ),
    ),
)
