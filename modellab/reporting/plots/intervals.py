"""Confidence intervals, as the table of statistics has them: none is computed here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.labels import component_label, names_line, system_names


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
        """The caption's word on the intervals: what they are, which scores and who have none."""
        known = [name for name in components if any(self.of(entry, name) for entry in entries)]
        if not known:
            return ["Without intervals: there are no statistics of these scores."]
        rest = [component_label(name) for name in components if name not in known]
        bare = [entry for entry in entries if self._lacks(entry, known)]
        return [
            f"Lines: {self.kind}.",
            *names_line("Scores without intervals", rest),
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
    ends = {(row["system"], row["component"]): interval_of(row) for row in rows}
    return Intervals({key: found for key, found in ends.items() if found}, _kind(rows))


def interval_of(row: Row) -> Interval | None:
    """The interval in a row with low and high; None where an end is not there or no number."""
    low, high = row.get("low", ""), row.get("high", "")
    return Interval(float(low), float(high)) if low and high and _finite(low, high) else None


def band_line(rows: Sequence[Row]) -> list[str]:
    """The caption's word on bands around lines; none where no row has an interval."""
    known = [row for row in rows if interval_of(row)]
    return [f"Bands: {_kind(known)}."] if known else []


def _kind(rows: Sequence[Row]) -> str:
    levels = sorted({f"{float(row['confidence']) * 100:g}%" for row in rows if row["confidence"]})
    methods = sorted({row["method"].replace("_", " ") for row in rows if row["method"]})
    return f"{', '.join(levels)} confidence intervals ({', '.join(methods)})"


def _finite(*cells: str) -> bool:
    return all(math.isfinite(float(cell)) for cell in cells)
