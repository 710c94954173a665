"""The metrics, described once: names, formulas, ranges, edge cases, sources.

Those of a task are in its folder, those of a table are lines of `tables.py`; `metrics_page` is
`docs/metrics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from modellab.core.metric import Better, MetricDescription, MetricFamily, metric_families
from modellab.core.text.escape import Markup, markdown_table
from modellab.evaluation.metrics.tables import TABLES
from modellab.tasks import TASKS, scorers
from modellab.tasks.retrieval.scorer import FAMILY as RANKINGS
from modellab.tasks.scorer import METRICS

_INTRO = """\
# Metrics

Made by `make schema` from `modellab/evaluation/metrics`; do not edit it by hand.

Every metric has two counts. `n_scored` is the number of rows (or questions, or pairs) behind its
value; without any the value is empty, never zero. `n_failed` is the number of rows without an
answer: failed, unparsed or missing. The edge cases say whether those count as wrong or are left
out.
"""
_HEAD = ("metric", "formula", "range", "better", "edge cases", "source")


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


def metrics_page(families: Sequence[MetricFamily]) -> str:
    """A section per family, a row per metric."""
    parts = [_INTRO]
    for family in families:
        parts += ["\n".join(_section(family)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _section(family: MetricFamily) -> Iterator[str]:
    yield f"## {family.title}"
    yield ""
    where = ", ".join(f"`{table}`" for table in family.tables)
    yield f"On {family.applies_to}. In {where}."
    yield ""
    rows = (list(map(Markup, _cells(metric))) for metric in family.metrics)
    yield from markdown_table(_HEAD, rows)


def _cells(metric: MetricDescription) -> tuple[str, ...]:
    name = f"`{metric.name}`"
    return (name, metric.formula, metric.range, metric.better, metric.edge_cases, metric.source)
