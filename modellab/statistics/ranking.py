"""Ranks, and how far they move when the questions are drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.compare.entries import ranks
from modellab.metrics.description import Better
from modellab.statistics.additive import ROUNDING
from modellab.statistics.comparing import Comparison, not_told_apart
from modellab.statistics.units import Systems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modellab.statistics.additive import Array


@dataclass(frozen=True)
class Rank:
    """A contender's place in one component, and the places of the middle share of resamples.

    `not_distinguishable_from` names, with `;` between, the systems that the paired tests cannot
    tell it from. A control has none of these.
    """

    system: str
    component: str
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    not_distinguishable_from: str
    better: str


def rank_all(
    component: str,
    systems: Systems,
    values: Sequence[float | None],
    replicates: Array,
    pairs: Sequence[Comparison],
    way: Better,
    confidence: float,
) -> list[Rank]:
    """One row per system; `replicates` is (resamples, systems). The best has rank 1."""
    import numpy as np

    sign = -1.0 if way is Better.LOWER else 1.0
    controls = np.array([entry.control for entry in systems.entries])
    known = [None if c else value for c, value in zip(controls, values, strict=True)]
    places = ranks([None if value is None else sign * value for value in known])
    # equal scores share the better place; those without a score come last, controls count nowhere
    filled = np.where(np.isnan(replicates) | controls, -np.inf, sign * replicates)
    drawn = 1 + np.array([(row[None, :] > row[:, None] + ROUNDING).sum(axis=1) for row in filled])
    ends = np.quantile(
        drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0, method="closest_observation"
    )
    return [
        Rank(
            system=entry.name,
            component=component,
            rank=place,
            rank_low=int(ends[0, index]) if place else None,
            rank_high=int(ends[1, index]) if place else None,
            not_distinguishable_from=";".join(not_told_apart(pairs, entry.name)),
            better=way.value,
        )
        for index, (entry, place) in enumerate(zip(systems.entries, places, strict=True))
    ]
