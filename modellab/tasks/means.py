"""Components that are means of marks, each over the rows that have the mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from modellab.core.records import Question
from modellab.tasks.additive import Additive, mean_of

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.additive import Array


def means(
    marks: Mapping[str, str], row_mark: str, least: Mapping[str, float] | None = None
) -> Additive:
    """`marks` names for each component the mark that it is the mean of.

    Marks go from 0 to 1, but those that `least` names begin there.
    """
    needed = sorted(set(marks.values()))
    place = {mark: 2 * index for index, mark in enumerate(needed)}

    def parts(_: Sequence[Question], rows: pd.DataFrame) -> Array:
        import numpy as np

        found = rows[needed].to_numpy(dtype=float)
        known = ~np.isnan(found)
        both = np.stack([np.where(known, found, 0.0), known.astype(float)], axis=2)
        return both.reshape(len(rows), -1)

    return Additive(
        parts,
        {
            component: mean_of(place[mark], place[mark] + 1, (least or {}).get(mark, 0.0))
            for component, mark in marks.items()
        },
        row_mark,
    )
