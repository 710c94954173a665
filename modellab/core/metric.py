"""Descriptions of metrics: formula, range, direction, edge cases and source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


class Better(StrEnum):
    """Direction of improvement."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"  # descriptive


@dataclass(frozen=True)
class MetricDescription:
    """One metric.

    `name` is that of the column; `{k}` in it matches any text, so that `recall@{k}` describes
    several columns. `range` is the smallest and largest value, in words. `edge_cases` say what
    happens where the formula is undefined. `source` of the formula is empty if it is our own.
    """

    name: str
    formula: str
    range: str
    better: Better
    edge_cases: str = ""
    source: str = ""

    def matches(self, name: str) -> bool:
        return re.fullmatch(_PLACEHOLDER.sub(".+", re.escape(self.name)), name) is not None


@dataclass(frozen=True)
class MetricFamily:
    """Metrics that are computed together, from `applies_to`, in the tables `tables`."""

    name: str
    title: str
    applies_to: str
    tables: tuple[str, ...]
    metrics: tuple[MetricDescription, ...]

    def find(self, name: str) -> MetricDescription | None:
        """The description of a metric; an exact name takes precedence over a pattern."""
        exact = [metric for metric in self.metrics if metric.name == name]
        return next(iter([*exact, *(m for m in self.metrics if m.matches(name))]), None)


def metric_families(text: str) -> tuple[MetricFamily, ...]:
    """Parse families, which are separated by empty lines.

    A family is `# name: title`, `on` what it applies to, `in` which tables, then a line per metric:
    name | formula | range | better | edge cases | source.
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
    """The names without a description, each once."""
    return [
        name for name in dict.fromkeys(names) if not any(family.find(name) for family in families)
    ]
