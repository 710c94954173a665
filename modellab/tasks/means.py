"""Components that are means of marks, each over the rows that have the mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modellab.core.records import Question
from modellab.tasks.additive import Additive, Row, mean_of, number


def means(
    marks: Mapping[str, str], row_mark: str, least: Mapping[str, float] | None = None
) -> Additive:
    """`marks` names for each component the mark that it is the mean of.

    Marks go from 0 to 1, but those that `least` names begin there.
    """
    needed = sorted(set(marks.values()))
    place = {mark: 2 * index for index, mark in enumerate(needed)}

    def parts(_: Question, row: Row) -> Sequence[float]:
        found = [number(row[mark]) for mark in needed]
        return [part for value in found for part in (value or 0.0, float(value is not None))]

    return Additive(
        parts,
        {
            component: mean_of(place[mark], place[mark] + 1, (least or {}).get(mark, 0.0))
            for component, mark in marks.items()
        },
        row_mark,
    )
