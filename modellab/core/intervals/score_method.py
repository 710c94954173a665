"""Score intervals of bounded marks in strata, and the test that is their inverse.

A score interval holds all values that the observed mean is not too far from, in standard errors
*of the value that is supposed*, not of the estimate: this is why it has a width where all marks
are alike, and why Wilson's interval of a share (1927) and Tango's of a paired difference (1998)
hold where the usual ones fail. Both are given here for any bounded marks, equal to these for marks
of 0 and 1. Strata are independent, so that the interval of their weighted sum follows from theirs
by the squares of the distances to the ends (MOVER: Zou and Donner 2008). The p-value is that of the
narrowest interval that still holds 0: the two never contradict.

The critical values are Student's t with as many degrees of freedom as the stratum has units: the
spread around a supposed value costs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: thirds that are cut off an interval that is sought
_STEPS = 45
_TOLERANCES = {"xatol": 1e-13, "xrtol": 1e-13, "fatol": 0.0}
#: where p-values end: beyond so many standard errors a p-value is 0 in floating point
_FARTHEST = 37.0
#: weight, in units, of a difference from bound to bound that was not seen
_UNSEEN = 1.0
_LEAST, _LARGEST = 1e-15, 1e7


class Means(NamedTuple):
    """The marks of one stratum, each from 0 to 1; arrays of one shape, or plain numbers.

    `weight` is the share of the whole range that the stratum accounts for, `n` its questions,
    `variance` that of the questions (divided by n). Where questions are clustered, `error` is the
    mean's standard error from the differences between clusters (0: nothing to add, not a number:
    not known) and `freedom` its degrees of freedom.
    """

    weight: Array
    n: Array
    mean: Array
    variance: Array
    error: Array | float = 0.0
    freedom: Array | float = 1.0


class Differences(NamedTuple):
    """Paired differences of one stratum, each from -1 to 1; arrays of one shape.

    `gains` and `losses` are the means of their positive and of their negative parts (both 0 or
    more), `square` is the mean of their squares. `error` and `freedom` as in `Means`.
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

    def turned(self, where: NDArray[np.bool_]) -> Differences:
        """With the two systems swapped there."""
        import numpy as np

        gains = np.where(where, self.losses, self.gains)
        losses = np.where(where, self.gains, self.losses)
        return self._replace(gains=gains, losses=losses)


def mean_interval(strata: Sequence[Means], confidence: float) -> tuple[Array, Array]:
    """Both ends of the weighted sum of the strata's means."""
    tail = (1 - confidence) / 2
    ends = [_wider_ends(stratum, tail) for stratum in strata]
    return _combined([s.weight for s in strata], [s.mean for s in strata], ends)


def difference_interval(strata: Sequence[Differences], confidence: float) -> tuple[Array, Array]:
    """Both ends of the weighted sum of the strata's mean differences."""
    tail = (1 - confidence) / 2
    ends = []
    for stratum in strata:
        other = stratum.turned(_everywhere(stratum))
        low = _lower_end(stratum, tail, _least_unlikely(stratum))
        ends.append((low, -_lower_end(other, tail, _least_unlikely(other))))
    return _combined([s.weight for s in strata], [s.mean for s in strata], ends)


def p_values(strata: Sequence[Differences]) -> Array:
    """Two-sided, of the weighted sum being 0: one less the confidence at which an end is 0."""
    import numpy as np
    from scipy.special import ndtr, stdtr

    whole = np.asarray(sum(s.weight * s.mean for s in strata))
    away = np.abs(whole)
    strata = [stratum.turned(whole < 0) for stratum in strata]
    turns = [_least_unlikely(stratum) for stratum in strata]
    if len(strata) == 1:
        (one,), (turn,) = strata, turns
        p = 2 * stdtr(one.n, -np.sqrt(_squared_steps(one, turn)))
        with np.errstate(divide="ignore", invalid="ignore"):
            clustered = np.where(one.error == 0, 0.0, 2 * stdtr(one.freedom, -one.mean / one.error))
        return np.asarray(np.where(away > 0, np.maximum(p, clustered), 1.0))

    def beyond(steps: Array, whole: Array, *columns: Array) -> Array:
        """How much farther than 0 the lower end is, so many standard errors away."""
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
    """What such pairs of systems would have to differ by to be told apart with that power.

    So many standard errors as the critical value and the power ask for (pairs,): first with as many
    questions that differ as there are, second, which is the smallest true difference, with the more
    of them that a larger difference takes.
    """
    import numpy as np
    from scipy.special import ndtri

    square, growth, range_, freedom = (np.zeros(()) for _ in range(4))
    for one in strata:
        cautious = (one.n * one.square + _UNSEEN) / (one.n * (one.gains + one.losses) + _UNSEEN)
        # as many as were seen, and one more
        own = np.maximum((one.square + cautious / one.n) / one.n, np.square(one.error))
        if len(strata) > 1:
            # a stratum without any difference still widens the interval of the sum
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
    """Student's t with n degrees of freedom beyond which `tail` lies."""
    import numpy as np
    from scipy.special import stdtrit

    return np.asarray(np.minimum(-stdtrit(np.maximum(n, _LEAST), tail), _LARGEST))


def _wider_ends(stratum: Means, tail: float) -> tuple[Array, Array]:
    """Of independent questions; or of as many as the clusters are worth, if that is wider.

    The design effect is the variance from the differences between clusters over that of
    independent questions (Korn and Graubard 1998).
    """
    import numpy as np

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
    """The observed marks, mixed with as much of the least or greatest mark as gives the end."""
    import numpy as np

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
    """The least difference from which the observed one is not too far; beyond it lies `tail`.

    Where questions are clustered, Student's t over clusters may go farther. `turn` is what
    `_least_unlikely` says: from there on to both sides it gets less likely.
    """
    import numpy as np

    mean = np.asarray(stratum.mean, dtype=float)
    columns = np.broadcast_arrays(mean, turn, critical(tail, stratum.n) ** 2, *stratum)
    middle, turn, square = columns[:3]
    inner = _squared_steps(Differences(*columns[3:]), turn) <= square

    def farther(end: Array, square: Array, *parts: Array) -> Array:
        return _squared_steps(Differences(*parts), end) - square

    inside, outside = np.where(inner, turn, middle), np.where(inner, -1.0, turn)
    end = _root(farther, inside, outside, *columns[2:])
    clustered = mean - critical(tail, np.asarray(stratum.freedom)) * stratum.error
    # a minimum with what is not known is not known
    return np.minimum(end, np.maximum(clustered, -1.0))


def _least_unlikely(stratum: Differences) -> Array:
    """Of 0 and all differences of the other sign, that which the observed one is least away from.

    This is mostly 0. Where all differences seen are small and of one sign, a true difference of
    the other sign is less of a surprise than none: it needs larger ones that were not seen. An
    observed mean of 0 or less is that difference itself.
    """
    import numpy as np

    mean = np.asarray(stratum.mean, dtype=float)
    far, near = -np.maximum(mean, 0.0), np.zeros_like(mean)
    for _ in range(_STEPS):
        third = (near - far) / 3
        right = _squared_steps(stratum, far + third) > _squared_steps(stratum, near - third)
        far, near = np.where(right, far + third, far), np.where(right, near, near - third)
    zero = _squared_steps(stratum, np.zeros_like(mean)) <= _squared_steps(stratum, far)
    return np.asarray(np.where(mean > 0, np.where(zero, 0.0, far), mean))


def _squared_steps(stratum: Differences, difference: Array) -> Array:
    """How many standard errors the observed mean is away from a supposed one, squared."""
    import numpy as np

    away = np.asarray(stratum.mean - difference)
    return np.asarray(stratum.n * away**2 / supposed_variance(stratum, difference))


def supposed_variance(stratum: Differences, difference: Array) -> Array:
    """Of one unit's difference, if the true mean difference is `difference`.

    For differences of -1, 0 and 1: that of the most likely probabilities of gains and losses with
    this mean (Tango 1998). Differences of other sizes count by the observed ratio of their squares
    to their sizes; what has to be supposed beyond those observed counts as one from bound to
    bound, as far as there are not enough observed ones to say else.
    """
    import numpy as np

    n, gains, losses, square = stratum.n, stratum.gains, stratum.losses, stratum.square
    size = np.abs(difference)
    up = np.where(difference < 0, losses, gains)
    down = np.where(difference < 0, gains, losses)
    seen = gains + losses
    slope = (2 - up + down) * size - seen
    root = np.sqrt(np.maximum(slope**2 + 8 * down * size * (1 - size), 0.0))
    supposed = 2 * np.maximum((root - slope) / 4, 0.0) + size
    ratio = np.where(seen > 0, square / np.where(seen > 0, seen, 1.0), 1.0)
    cautious = (n * square + _UNSEEN) / (n * seen + _UNSEEN)
    squares = ratio * np.minimum(supposed, seen) + cautious * np.maximum(supposed - seen, 0.0)
    return np.asarray(np.maximum(squares - size**2, _LEAST))


def _root(excess: Callable[..., Array], inside: Array, outside: Array, *columns: Array) -> Array:
    """Where `excess(place, *columns)` turns from negative to positive, element by element.

    Where it does not turn on the way, the end that is nearest to 0.
    """
    import numpy as np
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
    """MOVER: the squares of the weighted distances to the ends add up."""
    import numpy as np

    whole, below, above = np.zeros(()), np.zeros(()), np.zeros(())
    for weight, mean, (low, high) in zip(weights, means, ends, strict=True):
        whole = np.asarray(whole + weight * mean)
        below = np.asarray(below + (weight * (mean - low)) ** 2)
        above = np.asarray(above + (weight * (high - mean)) ** 2)
    return np.asarray(whole - np.sqrt(below)), np.asarray(whole + np.sqrt(above))


def _everywhere(stratum: Differences) -> NDArray[np.bool_]:
    import numpy as np

    return np.ones(np.shape(stratum.gains), dtype=bool)
