"""Where each metric stands that may have a target: the tables, and what describes them."""

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
#: what `{k}` of a metric's name is tried as, to find the name that was meant
_PLACEHOLDERS = {"{k}": ("1", "3", "5", "10"), "{n}": ("50", "95")}
#: names that begin with one and are still told: a table has a row for each field of an answer
_FITTING = ("{field}_agreement",)
#: what judges say of passages does not say how good answers are
_ABOUT_PASSAGES = "context_"


@cache
def sources() -> Mapping[str, tuple[MetricFamily, ...]]:
    """By table; scores are those of `scores/{model}.json`."""
    tables = of_tables()
    scores = (*of_tasks(), added(), tables["outcomes"], tables["resource_usage"])
    return {"scores": scores, **{name: (tables[name],) for name in _TABLES}}


def described(metric: str) -> dict[str, MetricDescription]:
    """The tables that may hold a metric of that name, each with its description there."""
    found = {}
    for table, families in sources().items():
        told = next((d for family in families if (d := _told(family, metric))), None)
        if told:
            found[table] = told
    return found


def _told(family: MetricFamily, metric: str) -> MetricDescription | None:
    """A name that begins with a placeholder would fit nearly anything."""
    told = family.find(metric)
    if told is None or (told.name.startswith("{") and told.name not in _FITTING):
        return None
    return told


def about_answers(metric: str) -> bool:
    """Whether a metric says how good answers are: of a scorer, or of judges."""
    passages = (
        metric.startswith(_ABOUT_PASSAGES) or _told(of_tables()["retrieval"], metric) is not None
    )
    return not passages and any(
        _told(family, metric) for family in (*of_tasks(), added(), of_tables()["judge_scores"])
    )


def directions(metric: str) -> set[Better]:
    """Which ways of a metric are good, over all tables that may hold it."""
    return {told.better for told in described(metric).values()} - {Better.NEITHER}


def near(metric: str) -> list[str]:
    """Known names that look like one that is not known, the nearest first."""
    names = [
        name
        for families in sources().values()
        for family in families
        for told in family.metrics
        for name in _names(told.name)
    ]
    return difflib.get_close_matches(metric, dict.fromkeys(names), n=3)


def _names(pattern: str) -> list[str]:
    for placeholder, values in _PLACEHOLDERS.items():
        if placeholder in pattern:
            return [pattern.replace(placeholder, value) for value in values]
    return [] if pattern.startswith("{") else [pattern]
