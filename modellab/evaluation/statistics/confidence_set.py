"""The model confidence set: the systems that may be the best."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from modellab.evaluation.statistics.contributions import Array

#: draws in memory at once
_BLOCK = 1_000_000
#: losses that differ by less are the same losses
_DIGITS = 12


def may_be_best(losses: Array, alpha: float, resamples: int, seed: int) -> set[int]:
    """The systems, by place, among which the best one is with a probability of 1 - alpha or more.

    `losses` is (units, systems): the mean over the independent units is a system's loss. Model
    confidence set with the range statistic (Hansen, Lunde and Nason 2011): as long as the largest
    difference in standard errors is larger than chance makes it among as many equal systems, the
    system that is worst by it goes. Chance is a smoothed bootstrap of the units: without the noise
    of one unit's size, a difference that is alike on all units of a small set would be significant.
    """
    kept, twins = np.unique(np.round(losses, _DIGITS), axis=1, return_inverse=True)
    inside = _of_different(kept, alpha, resamples, seed)
    return {place for place, twin in enumerate(twins.reshape(-1)) if inside[twin]}


def _of_different(losses: Array, alpha: float, resamples: int, seed: int) -> NDArray[np.bool_]:
    """Of systems of which no two have the same losses."""
    from scipy.special import ndtri, stdtrit

    means = losses.mean(axis=0)
    if len(means) == 1:
        return np.ones(1, dtype=bool)
    drawn = _drawn(losses, resamples, seed)
    variance = drawn.T @ drawn / len(drawn)
    own = np.diag(variance)
    error = np.sqrt(np.maximum(own[:, None] + own - 2 * variance, np.finfo(float).tiny))
    behind = (means[:, None] - means) / error
    # a bootstrap of few units makes too little of chance, as the normal distribution does
    few = stdtrit(max(len(losses) - 1, 1), alpha / 2) / ndtri(alpha / 2)
    inside = np.ones(len(means), dtype=bool)
    while inside.sum() > 1:
        left = np.flatnonzero(inside)
        chance = few * np.quantile(_ranges(drawn, error, left), 1 - alpha, method="higher")
        # with fewer systems chance makes less: all that are beyond it now would be so one by one
        beyond = left[behind[np.ix_(left, left)].max(axis=1) > chance]
        if not len(beyond):
            break
        inside[beyond] = False
    return inside


def _drawn(losses: Array, resamples: int, seed: int) -> Array:
    """(resamples, systems): mean losses of resampled units, less the true ones, smoothed."""
    units = len(losses)
    centred = losses - losses.mean(axis=0)
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([counts @ centred / units for counts in _draws(units, resamples, rng)])
    # by so much two systems differ on a unit, from one to the other
    apart = np.sqrt((np.ptp(losses, axis=1) ** 2).mean())
    reach = apart / units / np.sqrt(2)
    smoothed: Array = drawn + rng.normal(0.0, reach, drawn.shape)
    return smoothed


def _draws(units: int, resamples: int, rng: np.random.Generator) -> Iterator[Array]:
    """How often each unit is drawn, in blocks (some of the resamples, units)."""
    size = max(1, _BLOCK // units)
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        # counting uniform draws is ten times faster than NumPy's multinomial
        drawn = rng.integers(units, size=(count, units)) + np.arange(count)[:, None] * units
        counts = np.bincount(drawn.ravel(), minlength=count * units)
        yield counts.reshape(count, units).astype(float)


def _ranges(drawn: Array, error: Array, left: NDArray[np.intp]) -> Array:
    """(resamples,): the largest difference of two of these systems, in standard errors."""
    largest = np.zeros(len(drawn))
    for index, one in enumerate(left[:-1]):
        others = left[index + 1 :]
        apart = np.abs(drawn[:, [one]] - drawn[:, others]) / error[one, others]
        np.maximum(largest, apart.max(axis=1), out=largest)
    return largest
