"""Components as functions of sums over rows.

A mean is a sum of marks over a count, an F1 a ratio of counts: whatever subset or resample of the
questions is taken, its components follow from the sums of its rows. What does not (BLEU over a
whole set of texts) has no interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.records import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    #: sums or components; the last axis holds the parts
    Array = NDArray[np.float64]

#: a score row, as it stands in the table
Row = Mapping[str, str]
#: numbers that differ by less differ by the rounding of their sums
ROUNDING = 1e-12


@dataclass(frozen=True)
class Additive:
    """How a scorer's components come from sums.

    `parts` gives the summands of one row, `combine` turns sums of shape (..., parts) into arrays
    of shape (...) by component, not a number where no row is about it. `shares` are
    the components that are means of marks from 0 to 1, `row_mark` the mark by which two systems
    win, tie or lose a question, `correct` the mark that says right or wrong (None: there is none).
    """

    parts: Callable[[Question, Row], Sequence[float]]
    combine: Callable[[Array], Mapping[str, Array]]
    shares: frozenset[str]
    row_mark: str
    correct: str | None


def number(cell: str) -> float | None:
    """A mark as it stands in a table; None where it does not apply."""
    return float(cell) if cell else None


def ratio(above: Array, below: Array) -> Array:
    """Quotients; not a number where there is nothing below."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Array = np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
    return quotient
