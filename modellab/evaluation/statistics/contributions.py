"""The contribution of each question to a component, from which intervals and tests are made.

A weighted sum of means of marks is a sum over questions of weight times mark, in two strata: the
answerable and the unanswerable questions, whose numbers are given. A component of any other form
(an F1, a mean over labels) is taken as the mean of its jackknife pseudo-values (Efron and
Tibshirani 1993, chapter 11), in one stratum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modellab.core.intervals.score_method import Differences, Means
from modellab.tasks.scorer import Additive, Term, by_cluster

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contributions:
    """One component of several systems.

    - `values` (systems,): the component; NaN where no row is about it
    - `low`, `high`: the ends of its range
    - `weights` (systems, questions): the part of the range that a question accounts for, 0 where
      the component is not about it
    - `marks` (systems, questions): from 0, the least, to 1
    - `strata` (questions,): 0 or 1
    - `influences` (systems, questions): what the question moves the component by, from the middle
      of its stratum; each sums to 0
    """

    values: Array
    low: float
    high: float
    weights: Array
    marks: Array
    strata: NDArray[np.int_]
    influences: Array

    @property
    def about(self) -> NDArray[np.int_]:
        """(systems,): how many questions the component is about."""
        counts: NDArray[np.int_] = (self.weights > 0).sum(axis=1)
        return counts

    def means(self, clusters: NDArray[np.int_] | None = None) -> list[Means]:
        """The strata, in arrays (systems,); one that a system lacks has weight 0."""
        found = []
        for part in self._parts(np.asarray(self.weights.any(axis=0))):
            weights, marks = self.weights[:, part], self.marks[:, part]
            total = weights.sum(axis=1)
            shares = weights / np.where(total > 0, total, 1.0)[:, None]
            mean = np.clip((shares * marks).sum(axis=1), 0.0, 1.0)
            away = marks - mean[:, None]
            variance = (shares * away**2).sum(axis=1)
            n = 1 / np.where(total > 0, (shares**2).sum(axis=1), 1.0)
            one = Means(total, n, mean, variance)
            if clusters is not None:
                spread = spread_of(shares * away, shares, clusters[part])
                one = one._replace(error=spread.error, freedom=spread.freedom)
            found.append(one)
        return found

    def differences(
        self, pairs: Sequence[tuple[int, int]], clusters: NDArray[np.int_] | None = None
    ) -> list[Differences]:
        """The strata of these pairs, in arrays (pairs,); the first less the second."""
        if self._equal_weights():
            parts = self._parts(np.asarray(self.weights.any(axis=0)))
            return [self._direct(pairs, part, clusters) for part in parts]
        return [self.in_one_stratum(pairs, clusters)]

    def rows(self, clusters: NDArray[np.int_] | None = None) -> Array:
        """(systems, units): numbers whose mean over the questions, or clusters, is the component.

        Here the sizes of strata are no longer given: a stratum of one question varies too.
        """
        given = self.weights * self.marks
        if clusters is not None:
            given = by_cluster(given, clusters)
        whole: Array = (
            self.values[:, None] - given.sum(axis=1, keepdims=True) + given.shape[1] * given
        )
        return whole

    def _equal_weights(self) -> bool:
        return bool(np.allclose(self.weights, self.weights[:1], rtol=1e-9, atol=1e-15))

    def _parts(self, about: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
        for stratum in (0, 1):
            part = np.flatnonzero(about & (self.strata == stratum))
            if len(part):
                yield part

    def _direct(
        self,
        pairs: Sequence[tuple[int, int]],
        part: NDArray[np.intp],
        clusters: NDArray[np.int_] | None,
    ) -> Differences:
        weight = self.weights[0, part]
        total = weight.sum()
        shares, marks = weight / total, self.marks[:, part]
        one = _summed(pairs, marks, shares, total, total**2 / (weight**2).sum())
        if clusters is None:
            return one
        first, second = np.array(pairs).T
        moved = shares * (marks - (marks @ shares)[:, None])
        alike = np.broadcast_to(shares, (1, len(shares)))
        spread = spread_of_pairs(moved, first, second, alike, clusters[part])
        return one._replace(error=spread.error, freedom=spread.freedom)

    def in_one_stratum(
        self, pairs: Sequence[tuple[int, int]], clusters: NDArray[np.int_] | None
    ) -> Differences:
        """Where two systems are weighted differently, or the sizes of strata are not given.

        Both differ from their own middle.
        """
        about = self.weights > 0
        reach = self.high - self.low
        columns = np.zeros((3, len(pairs)))
        counts = np.zeros(len(pairs))
        for place, (a, b) in enumerate(pairs):
            either = np.flatnonzero(about[a] | about[b])
            counts[place] = n = max(len(either), 1)
            moved = self.influences[a, either] - self.influences[b, either]
            one = (self.values[a] - self.values[b] + n * moved) / reach
            mean = (self.values[a] - self.values[b]) / reach
            gains = np.maximum(one, 0.0).sum() / n
            columns[:, place] = gains, gains - mean, (one**2).sum() / n
        found = Differences(np.full(len(pairs), reach), counts, *columns)
        if clusters is None:
            return found
        first, second = np.array(pairs).T
        moved = self.influences / reach
        spread = spread_of_pairs(moved, first, second, self.weights, clusters)
        return found._replace(error=spread.error, freedom=spread.freedom)


def _summed(
    pairs: Sequence[tuple[int, int]], marks: Array, shares: Array, weight: float, n: float
) -> Differences:
    """Pairs of one first system at a time, which bounds the memory."""
    columns = np.zeros((3, len(pairs)))
    for a, places, others in by_first(pairs):
        differences = marks[a] - marks[others]
        gains = np.maximum(differences, 0.0) @ shares
        columns[:, places] = gains, gains - differences @ shares, differences**2 @ shares
    return Differences(
        np.full(len(pairs), weight),
        np.full(len(pairs), n),
        *np.maximum(columns, 0.0),
    )


def by_first(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[int], list[int]]]:
    """Pairs of one first system at a time: it, the places of its pairs, the other systems."""
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for place, (a, b) in enumerate(pairs):
        places, others = groups.setdefault(a, ([], []))
        places.append(place)
        others.append(b)
    return ((a, places, others) for a, (places, others) in groups.items())


def contributions(
    additive: Additive, component: str, sums: Array, unanswerable: NDArray[np.bool_]
) -> Contributions:
    """From sums (systems, questions, parts) and which questions are unanswerable (questions,)."""
    if component in additive.means:
        return _of_means(additive.means[component], sums, unanswerable)
    return _of_jackknife(additive, component, sums)


def _of_means(terms: Sequence[Term], sums: Array, unanswerable: NDArray[np.bool_]) -> Contributions:
    weights, given = np.zeros(sums.shape[:2]), np.zeros(sums.shape[:2])
    values = np.zeros(len(sums))
    low = high = 0.0
    for term in terms:
        above, below = sums[..., term.above], sums[..., term.below]
        rows = below.sum(axis=1)
        scale = (term.weight / np.where(rows > 0, rows, 1.0))[:, None]
        weights += scale * below * (term.high - term.low)
        given += scale * (above - term.low * below)
        empty = np.nan if term.empty is None else term.weight * term.empty
        values += np.where(rows > 0, (scale * above).sum(axis=1), empty)
        low, high = low + term.weight * term.low, high + term.weight * term.high
    marks = np.divide(given, weights, out=np.zeros_like(given), where=weights > 0)
    strata = unanswerable.astype(int)
    influences = _from_the_middle(given, weights, strata)
    return Contributions(values, low, high, weights, marks, strata, influences)


def _from_the_middle(given: Array, weights: Array, strata: NDArray[np.int_]) -> Array:
    found = np.zeros_like(given)
    for stratum in (0, 1):
        part = strata == stratum
        total = weights[:, part].sum(axis=1)
        middle = given[:, part].sum(axis=1) / np.where(total > 0, total, 1.0)
        found[:, part] = given[:, part] - weights[:, part] * middle[:, None]
    return found


def _of_jackknife(additive: Additive, component: str, sums: Array) -> Contributions:
    """The influence of a question is the change of the component without it."""
    whole = sums.sum(axis=1)
    values = additive.combine(whole)[component]
    without = additive.combine(whole[:, None, :] - sums)[component]
    alone = additive.combine(sums)[component]
    about = (sums != 0).any(axis=2) & ~np.isnan(alone) & ~np.isnan(values)[:, None]
    count = np.maximum(about.sum(axis=1), 1)[:, None]
    moved = np.where(about & ~np.isnan(without), values[:, None] - without, 0.0)
    moved *= (count - 1) / count
    moved = np.where(about, moved - moved.sum(axis=1, keepdims=True) / count, 0.0)
    weights = about / count
    marks = np.where(about, np.nan_to_num(values)[:, None] + moved * count, 0.0)
    strata = np.zeros(sums.shape[1], dtype=int)
    return Contributions(values, 0.0, 1.0, weights, marks, strata, moved)


class Spread(NamedTuple):
    """The standard error of a mean from the differences between clusters, and degrees of freedom.

    Arrays of one shape. The error is 0 where every question is a cluster of its own (there is
    nothing to add), and NaN with one cluster of several questions.
    """

    error: Array
    freedom: Array


def spread_of(moved: Array, weights: Array, clusters: NDArray[np.int_]) -> Spread:
    """The spread of means: `moved` (means, questions) is how far each question moves a mean.

    `weights` (means, questions) are those of the questions. Linearised, with G / (G - 1) for G
    clusters; unequal clusters have fewer degrees of freedom (Satterthwaite 1946).
    """
    return _spread(
        by_cluster(moved, clusters), by_cluster(weights, clusters), (weights > 0).sum(axis=1)
    )


def spread_of_pairs(
    moved: Array,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    weights: Array,
    clusters: NDArray[np.int_],
) -> Spread:
    """The spread of differences, rows `first` minus rows `second`, in arrays (pairs,).

    `weights` has one row for all systems, or one for each.
    """
    whole, weight = by_cluster(moved, clusters), by_cluster(weights, clusters)
    if len(weights) == 1:
        return _spread(whole[first] - whole[second], weight, (weights > 0).sum(axis=1))
    either = np.array(
        [((weights[a] > 0) | (weights[b] > 0)).sum() for a, b in zip(first, second, strict=True)]
    )
    most = np.maximum(weight[first], weight[second])
    return _spread(whole[first] - whole[second], most, either)


def _spread(whole: Array, weights: Array, questions: NDArray[np.int_]) -> Spread:
    share = weights**2
    units = (share > 0).sum(axis=1)
    alone = units == questions
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = share.sum(axis=1) ** 2 / (share**2).sum(axis=1) - 1
        error = np.sqrt((whole**2).sum(axis=1) * units / (units - 1))
    known = np.where(units > 1, error, np.nan)
    return Spread(
        np.where(alone, 0.0, known), np.where(alone | (units < 2), 1.0, np.maximum(freedom, 1e-3))
    )


def units_of(weights: Array, clusters: NDArray[np.int_]) -> NDArray[np.int_]:
    """(systems,): the number of clusters with a weight."""
    counts: NDArray[np.int_] = (by_cluster(weights, clusters) > 0).sum(axis=1)
    return counts
