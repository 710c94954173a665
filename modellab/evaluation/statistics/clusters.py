"""Questions about one document are not independent: the spread between documents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modellab.tasks.additive import Array, by_cluster


class Spread(NamedTuple):
    """The standard error of a mean from the differences between clusters, with its freedom.

    Arrays of one shape. Where every question is a cluster of its own there is nothing to add: the
    error is 0. With one cluster of several questions it is not known: not a number.
    """

    error: Array
    freedom: Array


def spread_of(moved: Array, weights: Array, clusters: NDArray[np.int_]) -> Spread:
    """Of means whose questions move them by `moved` (means, questions), from their own middle.

    `weights` (means, questions) say how much a question counts for. Linearised, with G / (G - 1)
    for G clusters; a few large ones have the freedom of as many equal ones (Satterthwaite 1946).
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
    """Of the differences of pairs: rows `first` less rows `second`, in arrays (pairs,).

    `weights` have one row for all systems, or one for each.
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
    """(systems,): how many clusters have a weight."""
    counts: NDArray[np.int_] = (by_cluster(weights, clusters) > 0).sum(axis=1)
    return counts
