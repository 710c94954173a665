"""Uncertainty of a leaderboard: intervals, and which systems are statistically tied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modellab.core.io.csv_file import read_csv

#: the same set where only questions about different documents are independent
BY_DOCUMENT = "may_be_best_by_document"


@dataclass(frozen=True)
class Certainty:
    """Of one metric, by system: its interval (cells as in the table), its row of `ranks.csv`."""

    intervals: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    ranks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def cells(self, system: str) -> dict[str, object]:
        low, high = self.intervals.get(system, ("", ""))
        return {
            "overall_low": float(low) if low else None,
            "overall_high": float(high) if high else None,
            "may_be_best": self.may_be_best(system),
            "not_distinguishable_from": ";".join(self.tied_with(system)),
        }

    def may_be_best(self, system: str, column: str = "may_be_best") -> bool | None:
        """Whether it is in the model confidence set; None where it is in no contest."""
        cell = self.ranks.get(system, {}).get(column, "")
        return cell == "True" if cell else None

    def tied_with(self, system: str) -> list[str]:
        """The systems that one is statistically tied with; none where it was not tested."""
        cell = self.ranks.get(system, {}).get("not_distinguishable_from", "")
        return [name for name in cell.split(";") if name]


def read_certainty(statistics: Path, ranks: Path, component: str) -> Certainty:
    """From `statistics.csv` and `ranks.csv`."""
    estimates = read_csv(statistics, ("system", "component", "low", "high")).rows
    places = read_csv(
        ranks, ("system", "component", "may_be_best", "not_distinguishable_from")
    ).rows
    return Certainty(
        {r["system"]: (r["low"], r["high"]) for r in estimates if r["component"] == component},
        {r["system"]: r for r in places if r["component"] == component},
    )
