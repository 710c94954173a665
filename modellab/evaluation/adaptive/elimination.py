"""Which systems cannot be the best any more, at an error rate that holds over all looks.

For each contender the hypothesis is tested that no system is better. Its rival is a mixture of the
other systems, weighted at every question by their scores on the questions before (Hedge: Freund and
Schapire 1997; rate of Cesa-Bianchi and Lugosi 2006, theorem 2.3). The weights are set before the
answers to the question count, so that for the best system the differences rival - system have
conditional means of 0 or less, however good the others are and however alike their answers: one
test, with no correction for their number (Luedtke and van der Laan 2016; Zhang, Lee and Lei 2024).
The sums at the looks have independent increments, so that the levels of a group sequential test
hold for all looks together (Pocock 1977).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import numpy as np
from numpy.typing import NDArray

from modellab.core.intervals.score_method import Differences, p_values

Array = NDArray[np.float64]

#: points of the grid that a density is integrated on, and where it ends in standard deviations
_POINTS, _FARTHEST = 301, 8.0


@cache
def pocock_level(error: float, looks: int) -> float:
    """The one-sided significance level of each of several equally spaced looks.

    All together are significant with probability `error` if nothing is to be found. By recursive
    numerical integration (Armitage, McPherson and Rowe 1969).
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if looks < 2:
        return error
    last = norm.isf(error / looks)
    reach = brentq(lambda z: _crossing(z, looks) - error, norm.isf(error), last, xtol=1e-6)
    return float(norm.sf(reach))


def _crossing(reach: float, looks: int) -> float:
    """The probability that a sum of standard normal steps is ever beyond `reach` deviations."""
    from scipy.stats import norm

    places, weights, crossed = np.zeros(1), np.ones(1), 0.0
    for look in range(1, looks + 1):
        end = reach * look**0.5
        crossed += float(weights @ norm.sf(end - places))
        grid = np.linspace(-_FARTHEST * look**0.5, end, _POINTS)
        density = norm.pdf(grid[:, None] - places) @ weights
        steps = np.full(_POINTS, grid[1] - grid[0])
        steps[[0, -1]] /= 2
        places, weights = grid, density * steps
    return crossed


def beaten(
    scores: Array,
    contenders: Collection[int],
    reach: float,
    level: float,
    clusters: NDArray[np.int_] | None = None,
) -> set[int]:
    """The contenders that cannot be the best.

    Args:
        scores: (systems, questions) in the order of asking, higher is better; NaN where a system
            was not asked. Their means are the systems' scores.
        contenders: The systems still in the contest; the others count where they were asked.
        reach: Of the scores, from the lowest to the highest mean.
        level: The significance level of one look.
        clusters: Of each question the number of its cluster; None where they are independent.
    """
    systems = sorted(contenders)
    columns = []
    for differences in differences_to_rivals(scores, clusters)[systems] / reach:
        asked = ~np.isnan(differences)
        columns.append(_summary(differences[asked], None if clusters is None else clusters[asked]))
    together = Differences(*np.array(columns).T)
    significant = (together.mean > 0) & (p_values([together]) / 2 < level)
    return {system for system, out in zip(systems, significant, strict=True) if out}


def differences_to_rivals(scores: Array, clusters: NDArray[np.int_] | None = None) -> Array:
    """(systems, questions): the mixture of all other systems less each system; NaN if not asked.

    The weights at a question are from the questions before it, without those of its own cluster.
    """
    from scipy.special import softmax

    asked = ~np.isnan(scores)
    gains = np.where(asked, scores, 0.0)
    before = np.cumsum(gains, axis=1) - gains
    for cluster in () if clusters is None else np.unique(clusters):
        own = clusters == cluster
        before[:, own] -= np.cumsum(gains[:, own], axis=1) - gains[:, own]
    systems, questions = scores.shape
    rate = np.sqrt(8 * np.log(max(systems - 1, 2)) / np.arange(1, questions + 1))
    logits = np.where(asked, rate * before, -np.inf)
    leaders, places = logits.argmax(axis=0), np.arange(questions)
    with np.errstate(invalid="ignore"):
        weights = np.exp(logits - logits.max(axis=0))
        rest = weights.sum(axis=0) - weights
        rivals = ((weights * gains).sum(axis=0) - weights * gains) / rest
        # the leader's weight is 1, so that only without it little or nothing may be left
        logits[leaders, places] = -np.inf
        rivals[leaders, places] = (softmax(logits, axis=0) * gains).sum(axis=0)
    return np.asarray(rivals - scores)


def _summary(differences: Array, clusters: NDArray[np.int_] | None) -> tuple[float, ...]:
    """The fields of `Differences`."""
    n = max(len(differences), 1)
    gains, losses = np.maximum(differences, 0.0).sum() / n, np.maximum(-differences, 0.0).sum() / n
    error, freedom = 0.0, 1
    if clusters is not None and len(differences):
        away = differences - differences.mean()
        sums = np.bincount(np.unique(clusters, return_inverse=True)[1], away)
        freedom = max(len(sums) - 1, 1)
        error = np.sqrt(len(sums) / freedom * (sums**2).sum()) / n
    return 1.0, n, gains, losses, (differences**2).sum() / n, error, freedom
