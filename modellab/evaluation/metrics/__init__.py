"""The metrics, told once: names, formulas, ranges, edge cases, sources.

`docs/metrics.md` is written from here. A new family is one file with a `FAMILY`, and one line
below. How a metric is worked out is the business of the scorer or table that gives it.
"""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.evaluation.metrics import (
    agreement,
    consistency,
    efficiency,
    embedding_space,
    error_attribution,
    judged,
    ranking,
    resource_usage,
    retrieval,
    statistics,
)
from modellab.tasks import outcome_metrics as outcomes
from modellab.tasks.extract import metrics as extract
from modellab.tasks.label import metrics as labels
from modellab.tasks.open_qa import metrics as texts
from modellab.tasks.wattbot import metrics as wattbot

FAMILIES: tuple[MetricFamily, ...] = (
    wattbot.FAMILY,
    texts.FAMILY,
    labels.FAMILY,
    labels.AGREEMENT,
    outcomes.FAMILY,
    resource_usage.FAMILY,
    retrieval.FAMILY,
    embedding_space.FAMILY,
    error_attribution.FAMILY,
    efficiency.FAMILY,
    consistency.FAMILY,
    extract.FAMILY,
    extract.TABLE,
    judged.SCORES,
    judged.JUDGES,
    ranking.FAMILY,
    statistics.FAMILY,
    agreement.FAMILY,
)


def described(name: str, task: str = "") -> MetricDescription | None:
    """The description of a metric; of several families that have it, the task's goes first."""
    families = sorted(FAMILIES, key=lambda family: family.name != task)
    return next(filter(None, (family.find(name) for family in families)), None)


def better(name: str, task: str = "") -> Better:
    """Which way is good of a metric; neither where nobody says."""
    found = described(name, task)
    return found.better if found else Better.NEITHER
