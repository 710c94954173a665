"""Confidence intervals, as the table of statistics has them: none is computed here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from modellab.compare.entries import Entry
from modellab.plots.data import PlotData
from modellab.plots.labels import names_line, system_names


class Interval(NamedTuple):
    """Both ends, in the component's own scale."""

    low: float
    high: float


@dataclass(frozen=True)
class Intervals:
    """The intervals of one dataset, by system and component, and how they were found."""

    found: Mapping[tuple[str, str], Interval]
    kind: str

    def of(self, entry: Entry, component: str) -> Interval | None:
        return self.found.get((entry.name, component))

    def lines(self, entries: Sequence[Entry], components: Sequence[str]) -> list[str]:
        """The caption's word on the intervals: what they are, and who has none."""
        bare = [entry for entry in entries if self._lacks(entry, components)]
        if not self.found or len(bare) == len(entries):
            return ["Without intervals: there are no statistics of these scores."]
        return [
            f"Lines: {self.kind}.",
            *names_line("Without an interval", system_names(bare, entries)),
        ]

    def _lacks(self, entry: Entry, components: Sequence[str]) -> bool:
        return any(
            entry.score(component) is not None and self.of(entry, component) is None
            for component in components
        )


def intervals_of(data: PlotData) -> Intervals:
    """From rows with system, component, low, high, confidence and method; empty ends are left."""
    rows = data.table("statistics")
    found = {
        (row["system"], row["component"]): Interval(float(row["low"]), float(row["high"]))
        for row in rows
        if row["low"] and row["high"] and _finite(row["low"], row["high"])
    }
    levels = sorted({f"{float(row['confidence']) * 100:g}%" for row in rows if row["confidence"]})
    methods = sorted({row["method"].replace("_", " ") for row in rows if row["method"]})
    return Intervals(found, f"{', '.join(levels)} confidence intervals ({', '.join(methods)})")


def _finite(*cells: str) -> bool:
    return all(math.isfinite(float(cell)) for cell in cells)
