"""How a metric is told: what it is, how it is worked out, and what it is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"  # it describes; no direction is good in itself


@dataclass(frozen=True)
class MetricDescription:
    """One metric.

    `name` is as it stands in tables; `{k}` in it stands for any text, so that `recall@{k}` is
    one description of several columns. `range` is the least and the greatest value, in words.
    `edge_cases` say what happens where the formula has no answer. `source` is where the formula
    comes from; empty where it is our own.
    """

    name: str
    formula: str
    range: str
    better: Better
    edge_cases: str = ""
    source: str = ""

    def tells(self, name: str) -> bool:
        """Whether this describes the metric of that name."""
        return re.fullmatch(_PLACEHOLDER.sub(".+", re.escape(self.name)), name) is not None


@dataclass(frozen=True)
class MetricFamily:
    """Metrics that are worked out together; `applies_to` says on what, `tables` where they are."""

    name: str
    title: str
    applies_to: str
    tables: tuple[str, ...]
    metrics: tuple[MetricDescription, ...]

    def find(self, name: str) -> MetricDescription | None:
        """The description of a metric of the family; an exact name comes before a pattern."""
        exact = [metric for metric in self.metrics if metric.name == name]
        return next(iter([*exact, *(m for m in self.metrics if m.tells(name))]), None)


def metric_families(text: str) -> tuple[MetricFamily, ...]:
    """The families that a text describes, with an empty line between them.

    A family is its name and title, `on` what it applies to, `in` which tables, then a line per
    metric: name | formula | range | better | edge cases | source.
    """
    found = []
    for block in text.strip().split("\n\n"):
        head, applies_to, tables, *lines = block.splitlines()
        name, title = head.removeprefix("# ").split(": ", 1)
        rows = [line.split(" | ") for line in lines]
        metrics = tuple(
            MetricDescription(metric, formula, span, Better(better), *rest)
            for metric, formula, span, better, *rest in rows
        )
        on = applies_to.removeprefix("on ")
        found.append(MetricFamily(name, title, on, tuple(tables.split()[1:]), metrics))
    return tuple(found)


def undescribed(names: Sequence[str], families: Sequence[MetricFamily]) -> list[str]:
    """The names that no family describes, each once."""
    return [
        name for name in dict.fromkeys(names) if not any(family.find(name) for family in families)
    ]
