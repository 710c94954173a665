"""The metrics that may have a target: the tables that hold them, and their descriptions."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.evaluation.metrics import added, of_tables, of_tasks

_TABLES = (
    *("retrieval", "embedding_space", "error_attribution", "consistency", "efficiency"),
    *("judge_scores", "judges"),
)
#: values of placeholders that are tried to suggest a similar name
_PLACEHOLDERS = {"{k}": ("1", "3", "5", "10"), "{n}": ("50", "95")}
#: patterns that begin with a placeholder and still count: a row for each field of an answer
_FITTING = ("{field}_agreement",)
#: metrics of judges about passages, not about answers
_ABOUT_PASSAGES = "context_"


@cache
def sources() -> Mapping[str, tuple[MetricFamily, ...]]:
    """By table; scores are those of `scores/{model}.json`."""
    tables = of_tables()
    scores = (*of_tasks(), added(), tables["outcomes"], tables["resource_usage"])
    return {"scores": scores, **{name: (tables[name],) for name in _TABLES}}


def described(metric: str) -> dict[str, MetricDescription]:
    """The tables that may hold a metric of that name, each with its description there."""
    found = {
        table: next(filter(None, (_find(family, metric) for family in families)), None)
        for table, families in sources().items()
    }
    return {table: description for table, description in found.items() if description}


def _find(family: MetricFamily, metric: str) -> MetricDescription | None:
    """A name that begins with a placeholder would match nearly anything."""
    found = family.find(metric)
    if found is None or (found.name.startswith("{") and found.name not in _FITTING):
        return None
    return found


def about_answers(metric: str) -> bool:
    """Whether a metric says how good answers are: of a scorer, or of judges."""
    passages = (
        metric.startswith(_ABOUT_PASSAGES) or _find(of_tables()["retrieval"], metric) is not None
    )
    return not passages and any(
        _find(family, metric) for family in (*of_tasks(), added(), of_tables()["judge_scores"])
    )


def directions(metric: str) -> set[Better]:
    """Which ways of a metric are good, over all tables that may hold it."""
    return {found.better for found in described(metric).values()} - {Better.NEITHER}


def near(metric: str) -> list[str]:
    """Known names that are similar to an unknown one, the nearest first."""
    names = [
        name
        for families in sources().values()
        for family in families
        for description in family.metrics
        for name in _names(description.name)
    ]
    return difflib.get_close_matches(metric, dict.fromkeys(names), n=3)


def _names(pattern: str) -> list[str]:
    for placeholder, values in _PLACEHOLDERS.items():
        if placeholder in pattern:
            return [pattern.replace(placeholder, value) for value in values]
    return [] if pattern.startswith("{") else [pattern]
