"""Components as functions of sums over rows.

A mean is a sum of marks over a count, an F1 a ratio of counts: for any sample of questions, they
follow from the sums of its rows. A component that does not (corpus BLEU) has no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modellab.core.records import Question

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    #: sums or components; the last axis holds the parts
    Array = NDArray[np.float64]

#: smaller differences are rounding errors of sums
ROUNDING = 1e-12


@dataclass(frozen=True)
class Term:
    """`weight` times the mean of a mark: the sum of part `above` over the sum of part `below`.

    `below` counts the rows that have the mark, whose range is `low` to `high`. Without such a row
    the mean is `empty` (None: not a number).
    """

    weight: float
    above: int
    below: int
    low: float = 0.0
    high: float = 1.0
    empty: float | None = None


@dataclass(frozen=True)
class Additive:
    """How a scorer's components are computed from sums.

    `parts` gives the summands (rows, parts) of score rows, whose categorical `question_id` has the
    codes of the questions. `means` are the components that are weighted sums of means of marks, by
    their terms. `others` turns sums of shape (..., parts) into arrays of shape (...) for all other
    components, with NaN if no row has them. `row_mark` is the mark by which two systems win, tie
    or lose a question.
    """

    parts: Callable[[Sequence[Question], pd.DataFrame], Array]
    means: Mapping[str, Sequence[Term]]
    row_mark: str
    others: Callable[[Array], Mapping[str, Array]] = field(default=lambda _: {})

    def combine(self, sums: Array) -> dict[str, Array]:
        """All components of sums of shape (..., parts), each of shape (...)."""
        found = {name: _weighted(sums, terms) for name, terms in self.means.items()}
        return {**found, **self.others(sums)}


def mean_of(above: int, below: int, low: float = 0.0, high: float = 1.0) -> tuple[Term, ...]:
    """A component that is one mean."""
    return (Term(1.0, above, below, low, high),)


def means(
    marks: Mapping[str, str], row_mark: str, least: Mapping[str, float] | None = None
) -> Additive:
    """Components that are means of marks, each over the rows that have the mark.

    Args:
        marks: by component its mark.
        row_mark: the mark by which two systems win, tie or lose a question.
        least: by mark its least value if that is not 0; the greatest value is 1.
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


def ratio(above: Array, below: Array) -> Array:
    """Quotients; NaN for a zero denominator."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Array = np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
    return quotient


def by_cluster(values: Array, clusters: NDArray[np.int_]) -> Array:
    """(systems, questions) to (systems, clusters): sums."""
    import numpy as np

    names, place = np.unique(clusters, return_inverse=True)
    found = np.zeros((len(values), len(names)))
    np.add.at(found.T, place, values.T)
    return found


def _weighted(sums: Array, terms: Sequence[Term]) -> Array:
    import numpy as np

    whole: Array = np.zeros(sums.shape[:-1])
    for term in terms:
        mean = ratio(sums[..., term.above], sums[..., term.below])
        if term.empty is not None:
            mean = np.where(sums[..., term.below] > 0, mean, term.empty)
        whole = whole + term.weight * mean
    return whole
