"""Components that are means of marks, each over the rows that have the mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from modellab.records import Question
from modellab.statistics.additive import Additive, Row, number, ratio

if TYPE_CHECKING:
    from modellab.statistics.additive import Array


def means(
    marks: Mapping[str, str], shares: frozenset[str], row_mark: str, correct: str | None
) -> Additive:
    """`marks` names for each component the mark that it is the mean of."""
    needed = sorted(set(marks.values()))
    place = {mark: 2 * index for index, mark in enumerate(needed)}

    def parts(_: Question, row: Row) -> Sequence[float]:
        found = [number(row[mark]) for mark in needed]
        return [part for value in found for part in (value or 0.0, float(value is not None))]

    def combine(sums: Array) -> Mapping[str, Array]:
        return {
            component: ratio(sums[..., place[mark]], sums[..., place[mark] + 1])
            for component, mark in marks.items()
        }

    return Additive(parts, combine, shares, row_mark, correct)
