"""Pairs of systems on the questions that both have: a difference is paired, or it is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from modellab.statistics.bootstrap import resampled
from modellab.statistics.units import Systems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.statistics.additive import Array

Pair = tuple[int, int]


@dataclass(frozen=True)
class Shared:
    """Pairs that have the same units in common, and all components on these units.

    `pairs` are places in the list of systems, `column` where each is in `values` (systems,) and
    `replicates` (resamples, systems), both by component.
    """

    pairs: tuple[Pair, ...]
    column: Mapping[int, int]
    units: int
    values: Mapping[str, Array]
    replicates: Mapping[str, Array]


def shared_units(
    systems: Systems, replicates: Mapping[str, Array], resamples: int, seed: int
) -> Iterator[Shared]:
    """All pairs, by the units that both have rows for.

    `replicates` are those of all units; where a system of a pair has units that the other has
    not, the shared ones are drawn anew from the same seed.
    """
    import numpy as np

    groups: dict[bytes, list[Pair]] = {}
    for a, b in combinations(range(len(systems.entries)), 2):
        groups.setdefault((systems.present[a] & systems.present[b]).tobytes(), []).append((a, b))
    for key, pairs in groups.items():
        both = np.frombuffer(key, dtype=bool)
        members = sorted({place for pair in pairs for place in pair})
        if (systems.present[members] == both).all():
            columns = {place: place for place in members}
            values = systems.additive.combine(systems.sums.sum(axis=1))
            yield Shared(tuple(pairs), columns, int(both.sum()), values, replicates)
        else:
            yield _drawn_anew(systems, pairs, members, both, resamples, seed)


def _drawn_anew(
    systems: Systems,
    pairs: list[Pair],
    members: list[int],
    both: NDArray[np.bool_],
    resamples: int,
    seed: int,
) -> Shared:
    part = replace(
        systems,
        entries=tuple(systems.entries[place] for place in members),
        units=tuple(unit for unit, yes in zip(systems.units, both, strict=True) if yes),
        sums=systems.sums[members][:, both],
        present=systems.present[members][:, both],
        row_marks=systems.row_marks[members][:, both],
        correct=systems.correct[members][:, both],
    )
    return Shared(
        pairs=tuple(pairs),
        column={place: column for column, place in enumerate(members)},
        units=len(part.units),
        values=systems.additive.combine(part.sums.sum(axis=1)) if part.units else {},
        replicates=resampled(part, resamples, seed) if part.units else {},
    )
