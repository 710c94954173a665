"""Confidence intervals of a mean or share (score method) and of any statistic (jackknife)."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

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
    """The score interval of a mean of marks from `scale[0]` to `scale[1]`.

    `sums` and `counts` are those of the marks of each question, which are independent; questions
    without a mark are ignored. None without marks.
    """
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
    # the mean must be inside in spite of rounding
    return Ends(min(first, value), max(last, value))


def share_ends(right: int, n: int, confidence: float) -> Ends | None:
    """Wilson's interval of a share of `n` independent questions, with Student's t instead of z."""
    if not n:
        return None
    mean = right / n
    one = Means(*(np.asarray(x, dtype=float) for x in (1.0, n, mean, mean * (1 - mean))))
    low, high = mean_interval([one], confidence)
    return Ends(min(float(low), mean), max(float(high), mean))


#: number of groups; more change the standard error little
_GROUPS = 50


def jackknife_ends(
    questions: Sequence[str],
    statistic: Callable[[Sequence[int]], float | None],
    scale: tuple[float, float],
    confidence: float,
) -> Ends | None:
    """Delete-a-group jackknife (Kott 2001) of a statistic such as a kappa or rank correlation.

    `questions` has the question of each item; items of a question are left out together.
    `statistic` takes indices of items. None as of `ends_of_parts`.
    """
    names = {name: place for place, name in enumerate(dict.fromkeys(questions))}
    groups = jackknife_groups(len(names))
    group = [groups[names[question]] for question in questions]
    everything = list(range(len(questions)))
    value = statistic(everything)
    if value is None:
        return None
    without = [
        statistic([item for item in everything if group[item] != left])
        for left in range(min(_GROUPS, len(names)))
    ]
    return ends_of_parts(value, without, scale, confidence)


def jackknife_groups(units: int) -> list[int]:
    """The group of each unit, from 0; there are as many groups as units up to 50."""
    count = min(_GROUPS, units)
    return [place % count for place in range(units)]


def ends_of_parts(
    value: float,
    without: Sequence[float | None],
    scale: tuple[float, float],
    confidence: float,
) -> Ends | None:
    """The interval of a statistic from its values `without` each group of a jackknife.

    Student's t has groups - 1 degrees of freedom; ends are clipped to `scale`. None if there are
    fewer than three groups, the statistic is undefined (None) for a part, or does not vary.
    """
    from scipy.special import stdtrit

    count = len(without)
    known = [part for part in without if part is not None]
    if count < 3 or len(known) < count:
        return None
    middle = math.fsum(known) / count
    squares = math.fsum((part - middle) ** 2 for part in known)
    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * math.sqrt(
        squares * (count - 1) / count
    )
    if reach == 0:
        return None
    return Ends(max(scale[0], value - reach), min(scale[1], value + reach))
