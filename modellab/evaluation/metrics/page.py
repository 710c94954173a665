"""The page of all metrics in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modellab.core.metric import MetricDescription, MetricFamily
from modellab.core.text.escape import Markup, markdown_table

_INTRO = """\
# Metrics

Made by `make schema` from `modellab/evaluation/metrics`; do not edit it by hand.

Every metric stands with two counts. `n_scored` is how many rows (or questions, or pairs) its
value is made of; where there are none the value is empty, never zero. `n_failed` is how many of
the rows it is about have no answer: failed, unparsed or missing. Whether those count as wrong or
are left out is said below.
"""
_HEAD = ("metric", "formula", "range", "better", "edge cases", "source")


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
    yield f"On {family.applies_to}. Stands in {where}."
    yield ""
    rows = (list(map(Markup, _cells(metric))) for metric in family.metrics)
    yield from markdown_table(_HEAD, rows)


def _cells(metric: MetricDescription) -> tuple[str, ...]:
    name = f"`{metric.name}`"
    return (name, metric.formula, metric.range, metric.better, metric.edge_cases, metric.source)
