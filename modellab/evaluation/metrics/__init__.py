"""The metrics, described once: names, formulas, ranges, edge cases, sources.

`docs/metrics.md` is written from here. Those of a task are in its folder, those of a table
are lines of `tables.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from modellab.core.metric import Better, MetricDescription, MetricFamily, metric_families
from modellab.evaluation.metrics.tables import TABLES
from modellab.tasks import TASKS, scorers
from modellab.tasks.metrics import METRICS
from modellab.tasks.retrieval.metrics import FAMILY as RANKINGS


@cache
def of_tables() -> dict[str, MetricFamily]:
    """The families of tables, by name, in the order of the page."""
    found = {family.name: family for family in metric_families(TABLES)}
    *of_rankings, _overall = RANKINGS.metrics
    retrieval = found["retrieval"]
    found["retrieval"] = replace(retrieval, metrics=(*of_rankings, *retrieval.metrics))
    return found


@cache
def families() -> tuple[MetricFamily, ...]:
    """All of them: of tasks, of metrics that are added to a task's own, and of tables."""
    further = dict.fromkeys(
        f for task in TASKS for options in scorers(task) for f in options.tables
    )
    return (*of_tasks(), *further, added(), *of_tables().values())


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


def described(name: str, task: str = "") -> MetricDescription | None:
    """The description of a metric; of several families that have it, the task's goes first."""
    own = [options.described for options in scorers(task)] if task in TASKS else []
    return next(filter(None, (family.find(name) for family in (*own, *families()))), None)


def better(name: str, task: str = "") -> Better:
    """Which way is good of a metric; neither where nobody says."""
    found = described(name, task)
    return found.better if found else Better.NEITHER
