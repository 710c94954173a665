"""The metrics, described once: names, formulas, ranges, edge cases, sources.

`docs/metrics.md` is written from here. Those of a task stand in its folder, those of a table in a
file here, with a line in `_TABLES`.
"""

from __future__ import annotations

from functools import cache

from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.evaluation.metrics import (
    agreement,
    consistency,
    efficiency,
    embedding_space,
    error_attribution,
    judged,
    outcomes,
    ranking,
    resource_usage,
    retrieval,
    statistics,
)
from modellab.tasks import TASKS, scorers
from modellab.tasks.metrics import METRICS

_TABLES: tuple[MetricFamily, ...] = (
    outcomes.FAMILY,
    resource_usage.FAMILY,
    retrieval.FAMILY,
    embedding_space.FAMILY,
    error_attribution.FAMILY,
    efficiency.FAMILY,
    consistency.FAMILY,
    judged.SCORES,
    judged.JUDGES,
    ranking.FAMILY,
    statistics.FAMILY,
    agreement.FAMILY,
)


@cache
def families() -> tuple[MetricFamily, ...]:
    """All of them: of tasks, of metrics that are added to a task's own, and of tables."""
    return (*of_tasks(), *_further_tables(), added(), *_TABLES)


@cache
def of_tasks() -> tuple[MetricFamily, ...]:
    """What scorers give, each family once."""
    return tuple(dict.fromkeys(options.described for task in TASKS for options in scorers(task)))


@cache
def added() -> MetricFamily:
    """The metrics that may be added to any scorer by `metrics`."""
    return MetricFamily(
        name="added",
        title="Metrics that a scorer may have besides its own",
        applies_to="answers, where the scorer names them in `metrics`; components are the means "
        "of the scores of the same name",
        tables=("scores/{model}.csv", "scores/{model}.json", "leaderboard.csv"),
        metrics=tuple(metric.description for metric in METRICS.members().values()),
    )


def _further_tables() -> tuple[MetricFamily, ...]:
    return tuple(
        dict.fromkeys(f for task in TASKS for options in scorers(task) for f in options.tables)
    )


def described(name: str, task: str = "") -> MetricDescription | None:
    """The description of a metric; of several families that have it, the task's goes first."""
    own = [options.described for options in scorers(task)] if task in TASKS else []
    return next(filter(None, (family.find(name) for family in (*own, *families()))), None)


def better(name: str, task: str = "") -> Better:
    """Which way is good of a metric; neither where nobody says."""
    found = described(name, task)
    return found.better if found else Better.NEITHER
