"""The interval of one mean of marks on a known scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from modellab.core.intervals.score_method import Means, mean_interval

METHOD = "score"


class Ends(NamedTuple):
    """Both ends of an interval."""

    low: float
    high: float


def mean_ends(
    sums: Sequence[float],
    counts: Sequence[int],
    scale: tuple[float, float],
    confidence: float,
) -> Ends | None:
    """Of a mean of marks from `scale[0]` to `scale[1]`, by independent questions.

    `sums` and `counts` are of the marks of each question; questions without a mark are left aside.
    None without any mark.
    """
    import numpy as np

    weights = np.asarray(counts, dtype=float)
    kept = weights > 0
    if not kept.any():
        return None
    low, high = scale
    weights, totals = weights[kept], np.asarray(sums, dtype=float)[kept]
    marks = (totals / weights - low) / (high - low)
    shares = weights / weights.sum()
    mean = np.asarray(np.clip(shares @ marks, 0.0, 1.0))
    variance = np.asarray(max(float(shares @ (marks - mean) ** 2), 0.0))
    n = np.asarray(1 / (shares**2).sum())
    ends = mean_interval([Means(np.asarray(1.0), n, mean, variance)], confidence)
    value = float(totals.sum() / weights.sum())
    first, last = (low + (high - low) * float(end) for end in ends)
    # the mean itself is inside, whatever the rounding of the scale
    return Ends(min(first, value), max(last, value))


def share_ends(right: int, n: int, confidence: float) -> Ends | None:
    """Of a share of `n` independent questions: Wilson's interval, with Student's t for its z."""
    import numpy as np

    if not n:
        return None
    mean = right / n
    one = Means(*(np.asarray(x, dtype=float) for x in (1.0, n, mean, mean * (1 - mean))))
    low, high = mean_interval([one], confidence)
    return Ends(min(float(low), mean), max(float(high), mean))
