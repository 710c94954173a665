"""Score confidence intervals of bounded marks in strata, and the test that they invert.

A score interval contains all hypothesised means from which the observed mean is not too many
standard errors away, with the standard error *under the hypothesis*. So it has a width where all
marks are equal, and Wilson's interval of a proportion (1927) and Tango's of a paired difference
(1998) have their coverage where Wald intervals fail. Both are generalised here to bounded marks,
and equal to the originals for marks of 0 and 1. The intervals of independent strata are combined by
MOVER (Zou and Donner 2008). The p-value is that of the narrowest interval that contains 0, so
that the two never contradict.

Critical values are Student's t with as many degrees of freedom as the stratum has units, since the
variance around a hypothesised mean costs none.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: steps of ternary search
_STEPS = 45
_TOLERANCES = {"xatol": 1e-13, "xrtol": 1e-13, "fatol": 0.0}
#: standard errors beyond which a p-value is 0 in floating point
_FARTHEST = 37.0
#: prior weight, in units, of a difference of the whole range
_UNSEEN = 1.0
_LEAST, _LARGEST = 1e-15, 1e7


class Means(NamedTuple):
    """The marks of one stratum, each from 0 to 1; arrays of the same shape, or numbers.

    `weight` is the stratum's share of the range, `n` its number of questions, `variance` theirs
    (divided by n). For clustered questions, `error` is the standard error of the mean from the
    differences between clusters (0: no clusters, NaN: unknown), with `freedom` degrees of freedom.
    """

    weight: Array
    n: Array
    mean: Array
    variance: Array
    error: Array | float = 0.0
    freedom: Array | float = 1.0


class Differences(NamedTuple):
    """Paired differences of one stratum, each from -1 to 1; arrays of the same shape.

    `gains` and `losses` are the means of their positive and negative parts (both non-negative),
    `square` the mean square. `error` and `freedom` as in `Means`.
    """

    weight: Array
    n: Array
    gains: Array
    losses: Array
    square: Array
    error: Array | float = 0.0
    freedom: Array | float = 1.0

    @property
    def mean(self) -> Array:
        return self.gains - self.losses

    def swapped(self, where: NDArray[np.bool_]) -> Self:
        """With the two systems swapped there."""
        gains = np.where(where, self.losses, self.gains)
        losses = np.where(where, self.gains, self.losses)
        return self._replace(gains=gains, losses=losses)


def mean_interval(strata: Sequence[Means], confidence: float) -> tuple[Array, Array]:
    """The interval of the weighted sum of the strata's means."""
    tail = (1 - confidence) / 2
    ends = [_wider_ends(stratum, tail) for stratum in strata]
    return _combined([s.weight for s in strata], [s.mean for s in strata], ends)


def difference_interval(strata: Sequence[Differences], confidence: float) -> tuple[Array, Array]:
    """The interval of the weighted sum of the strata's mean differences."""
    tail = (1 - confidence) / 2
    ends = []
    for stratum in strata:
        other = stratum.swapped(np.ones(np.shape(stratum.gains), dtype=bool))
        columns = np.broadcast_arrays(*stratum, *other)
        both = Differences(*map(np.stack, zip(columns, columns[len(stratum) :], strict=False)))
        low, high = _lower_end(both, tail, _least_unlikely(both))
        ends.append((low, -high))
    return _combined([s.weight for s in strata], [s.mean for s in strata], ends)


def p_values(strata: Sequence[Differences]) -> Array:
    """Two-sided p-values of the weighted sum being 0."""
    from scipy.special import ndtr, stdtr

    whole = np.asarray(sum(s.weight * s.mean for s in strata))
    away = np.abs(whole)
    strata = [stratum.swapped(whole < 0) for stratum in strata]
    turns = [_least_unlikely(stratum) for stratum in strata]
    if len(strata) == 1:
        (one,), (turn,) = strata, turns
        p = 2 * stdtr(one.n, -np.sqrt(_squared_steps(one, turn)))
        with np.errstate(divide="ignore", invalid="ignore"):
            clustered = np.where(one.error == 0, 0.0, 2 * stdtr(one.freedom, -one.mean / one.error))
        return np.asarray(np.where(away > 0, np.maximum(p, clustered), 1.0))

    def beyond(steps: Array, whole: Array, *columns: Array) -> Array:
        """How far below 0 the lower end is, for a critical value of `steps`."""
        tail, sides = ndtr(-steps), np.zeros_like(steps)
        for place in range(0, len(columns), 8):
            one, turn = Differences(*columns[place : place + 7]), columns[place + 7]
            low = _lower_end(one, tail, turn)
            sides = sides + (one.weight * (one.mean - low)) ** 2
        return np.asarray(np.sqrt(sides) - whole)

    columns = [np.asarray(c) for s, turn in zip(strata, turns, strict=True) for c in (*s, turn)]
    near = _root(beyond, np.zeros_like(away), np.full_like(away, _FARTHEST), away, *columns)
    return np.asarray(np.where(away > 0, 2 * ndtr(-near), 1.0))


def detectable(strata: Sequence[Differences], alpha: float, power: float) -> tuple[Array, Array]:
    """Minimum detectable effects of pairs of systems with this power (pairs,).

    The first uses the observed share of questions that differ; the second takes into account that
    a larger difference needs more of them.
    """
    from scipy.special import ndtri

    square, growth, range_, freedom = (np.zeros(()) for _ in range(4))
    for one in strata:
        cautious = (one.n * one.square + _UNSEEN) / (one.n * (one.gains + one.losses) + _UNSEEN)
        # the observed ones and one more
        own = np.maximum((one.square + cautious / one.n) / one.n, np.square(one.error))
        if len(strata) > 1:
            # a stratum without differences still widens the interval of the sum
            reach = critical(alpha / 2, one.n)
            own = np.maximum(own, np.square(reach / (one.n + reach**2)))
        square = np.asarray(square + one.weight**2 * own)
        growth = np.asarray(growth + one.weight**2 * cautious / one.n)
        freedom = np.maximum(freedom, np.where(np.equal(one.error, 0), one.n, one.freedom))
        range_ = np.asarray(range_ + one.weight)
    growth = growth / range_
    steps = critical(alpha / 2, freedom) + ndtri(power)
    observed = np.abs(np.asarray(sum(s.weight * s.mean for s in strata)))
    # the root of difference^2 = steps^2 (square + growth (difference - observed)), if that is more
    half = steps**2 * growth / 2
    beyond = half + np.sqrt(np.maximum(half**2 + steps**2 * (square - growth * observed), 0.0))
    enough = steps * np.sqrt(square)
    return enough, np.asarray(np.where(enough < observed, enough, beyond))


def critical(tail: Array | float, n: Array | float) -> Array:
    """The critical value of Student's t with n degrees of freedom, for this tail probability."""
    from scipy.special import stdtrit

    beyond = -stdtrit(np.maximum(n, _LEAST), tail)
    # stdtrit has the wrong infinity where nothing lies beyond
    return np.asarray(np.minimum(np.where(np.equal(tail, 0), _LARGEST, beyond), _LARGEST))


def _wider_ends(stratum: Means, tail: float) -> tuple[Array, Array]:
    """The interval for independent questions, or for the effective sample size if that is wider.

    The design effect is the variance of the mean by clusters over that of independent questions
    (Korn and Graubard 1998).
    """
    low, high = _mean_ends(stratum, stratum.n, critical(tail, stratum.n))
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.square(stratum.error) * stratum.n / stratum.variance
    effect = np.where(stratum.variance > 0, np.maximum(effect, 1.0), 1.0)
    few = critical(tail, np.asarray(stratum.freedom))
    clustered = _mean_ends(stratum, np.asarray(stratum.n / effect), few)
    none, unknown = np.equal(stratum.error, 0), np.isnan(stratum.error)
    low = np.where(none, low, np.minimum(low, clustered[0]))
    high = np.where(none, high, np.maximum(high, clustered[1]))
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _mean_ends(stratum: Means, n: Array, reach: Array) -> tuple[Array, Array]:
    """The ends: the observed marks mixed with smallest or largest marks."""
    mean, variance = stratum.mean, stratum.variance
    square = reach**2

    def step(room: Array) -> Array:
        # (n + q^2) step^2 - q^2 (room^2 - variance) / room * step - q^2 variance = 0
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(room > 0, square * (room - variance / room), 0.0)
        root = np.sqrt(slope**2 + 4 * (n + square) * square * variance)
        return np.asarray(np.clip((slope + root) / (2 * (n + square)), 0.0, room))

    return mean - step(np.asarray(mean)), mean + step(np.asarray(1 - mean))


def _lower_end(stratum: Differences, tail: Array | float, turn: Array) -> Array:
    """The smallest difference that is not rejected, with tail probability `tail`.

    For clustered questions, the end by Student's t over clusters if that is lower. `turn` is
    `_least_unlikely`, from which the likelihood decreases to both sides.
    """
    mean = np.asarray(stratum.mean, dtype=float)
    columns = np.broadcast_arrays(mean, turn, critical(tail, stratum.n) ** 2, *stratum)
    middle, turn, square = columns[:3]
    inner = _squared_steps(Differences(*columns[3:]), turn) <= square

    def farther(end: Array, square: Array, *parts: Array) -> Array:
        return _squared_steps(Differences(*parts), end) - square

    inside, outside = np.where(inner, turn, middle), np.where(inner, -1.0, turn)
    end = _root(farther, inside, outside, *columns[2:])
    clustered = mean - critical(tail, np.asarray(stratum.freedom)) * stratum.error
    # NaN propagates
    return np.minimum(end, np.maximum(clustered, -1.0))


def _least_unlikely(stratum: Differences) -> Array:
    """Of 0 and all differences of the opposite sign, the one closest to the observed mean.

    Mostly 0. If all observed differences are small and of one sign, a true difference of the
    opposite sign is more likely than none, as it needs large differences that were not observed. An
    observed mean of 0 or less is returned itself.
    """
    mean = np.asarray(stratum.mean, dtype=float)
    far, near = -np.maximum(mean, 0.0), np.zeros_like(mean)
    for _ in range(_STEPS):
        third = (near - far) / 3
        right = _squared_steps(stratum, far + third) > _squared_steps(stratum, near - third)
        far, near = np.where(right, far + third, far), np.where(right, near, near - third)
    zero = _squared_steps(stratum, np.zeros_like(mean)) <= _squared_steps(stratum, far)
    return np.asarray(np.where(mean > 0, np.where(zero, 0.0, far), mean))


def _squared_steps(stratum: Differences, difference: Array) -> Array:
    """Squared number of standard errors between the observed mean and a hypothesised one."""
    away = np.asarray(stratum.mean - difference)
    return np.asarray(stratum.n * away**2 / supposed_variance(stratum, difference))


def supposed_variance(stratum: Differences, difference: Array) -> Array:
    """Variance of one unit's difference, if the true mean difference is `difference`.

    For differences of -1, 0 and 1, by the maximum-likelihood probabilities of gains and losses with
    this mean (Tango 1998). Other differences are scaled by the observed ratio of squares to sizes;
    those beyond the observed ones count as the whole range, shrunk to the observed ratio.
    """
    n, gains, losses, square = stratum.n, stratum.gains, stratum.losses, stratum.square
    size = np.abs(difference)
    up = np.where(difference < 0, losses, gains)
    down = np.where(difference < 0, gains, losses)
    seen = gains + losses
    slope = (2 - up + down) * size - seen
    root = np.sqrt(np.maximum(slope**2 + 8 * down * size * (1 - size), 0.0))
    expected = 2 * np.maximum((root - slope) / 4, 0.0) + size
    ratio = np.where(seen > 0, square / np.where(seen > 0, seen, 1.0), 1.0)
    cautious = (n * square + _UNSEEN) / (n * seen + _UNSEEN)
    squares = ratio * np.minimum(expected, seen) + cautious * np.maximum(expected - seen, 0.0)
    return np.asarray(np.maximum(squares - size**2, _LEAST))


def _root(excess: Callable[..., Array], inside: Array, outside: Array, *columns: Array) -> Array:
    """The root of `excess(place, *columns)` between `inside` and `outside`, element by element.

    If there is no change of sign, the bound whose value is closest to 0.
    """
    from scipy.optimize.elementwise import find_root

    first, last = excess(inside, *columns), excess(outside, *columns)
    turns = (first < 0) & (last > 0)
    near = np.where(last <= 0, outside, inside).astype(float)
    if turns.any():
        some = [
            np.broadcast_to(column, near.shape)[turns] for column in (inside, outside, *columns)
        ]
        near[turns] = find_root(
            excess, (some[0], some[1]), args=tuple(some[2:]), tolerances=_TOLERANCES
        ).x
    return near


def _combined(
    weights: Sequence[Array], means: Sequence[Array], ends: Sequence[tuple[Array, Array]]
) -> tuple[Array, Array]:
    """MOVER: squared weighted distances to the ends are summed."""
    whole, below, above = np.zeros(()), np.zeros(()), np.zeros(())
    for weight, mean, (low, high) in zip(weights, means, ends, strict=True):
        whole = np.asarray(whole + weight * mean)
        below = np.asarray(below + (weight * (mean - low)) ** 2)
        above = np.asarray(above + (weight * (high - mean)) ** 2)
    return np.asarray(whole - np.sqrt(below)), np.asarray(whole + np.sqrt(above))
