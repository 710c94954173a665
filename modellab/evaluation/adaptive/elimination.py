"""Which systems cannot be the best any more, at an error rate that holds over all looks.

A contender goes once the leader beats it in a one-sided test, at a level so small that the levels
of all looks and all others together are `error`. So the best one is ever dropped with a
probability of at most `error`, however the answers depend on each other (the union bound): alpha
spending in equal parts over a fixed number of looks (Lan and DeMets 1983), and at each look a
comparison with the best (Hsu 1981) with Bonferroni's correction for all contenders there ever were.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modellab.core.intervals.score_method import p_values
from modellab.core.metric import Better
from modellab.evaluation.statistics.contributions import Contributions


def level(error: float, looks: int, contenders: int) -> float:
    """The one-sided significance level of one pair at one look."""
    return error / max(looks, 1) / max(contenders - 1, 1)


def beaten(
    found: Contributions, way: Better, level: float, clusters: NDArray[np.int_] | None = None
) -> dict[int, int]:
    """The systems that cannot be the best, each with the one that beats it, by place.

    Args:
        found: The overall score of those that are still in the contest, on the same questions.
        way: Which way the score is better; with `NEITHER` nobody is beaten.
        level: The significance level of one pair, from `level`.
        clusters: Of each question the number of its cluster; None where they are independent.
    """
    if way is Better.NEITHER or np.isnan(found.values).any():
        return {}
    gains = -found.values if way is Better.LOWER else found.values
    first = int(gains.argmax())
    pairs = [(first, other) for other in range(len(gains)) if gains[other] < gains[first]]
    if not pairs:
        return {}
    # more questions of a rare stratum follow: a few of them now are no stratum of a given size
    below = p_values([found.in_one_stratum(pairs, clusters)]) / 2 < level
    return {other: first for (_, other), out in zip(pairs, below, strict=True) if out}
