"""The interval of one system's component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.core.intervals.score_method import mean_interval
from modellab.evaluation.statistics.clusters import units_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.evaluation.statistics.contributions import Contributions
    from modellab.tasks.additive import Array

SCORE = "stratified_score"
#: the wider of that and of the one that the differences between clusters make, by Student's t
CLUSTERED = "stratified_score_cluster_t"
#: why there is no interval
NO_VALUE, NO_SUM, ONE_CLUSTER = "no value", "no sum over rows", "one document only"


@dataclass(frozen=True)
class Interval:
    """Both ends and how they were found; or None, no method, and why there is none.

    `questions` are those that the component is about, `units` the independent ones: questions, or
    documents where all of one document's questions count as a whole.
    """

    low: float | None
    high: float | None
    method: str
    questions: int
    units: int
    reason: str = ""


def no_interval(reason: str, questions: int = 0, units: int = 0) -> Interval:
    return Interval(None, None, "", questions, units, reason)


def intervals(
    found: Contributions, clusters: NDArray[np.int_] | None, confidence: float
) -> list[Interval]:
    """One for each system."""
    import numpy as np

    about = found.about
    units = about if clusters is None else units_of(found.weights, clusters)
    method = SCORE if clusters is None else CLUSTERED
    lows, highs = interval_ends(found, clusters, confidence)
    rows = []
    for value, low, high, questions, count in zip(
        found.values, lows, highs, about, units, strict=True
    ):
        if np.isnan(value) or not questions:
            rows.append(no_interval(NO_VALUE))
        elif np.isnan(low):
            rows.append(no_interval(ONE_CLUSTER, int(questions), int(count)))
        else:
            rows.append(Interval(float(low), float(high), method, int(questions), int(count)))
    return rows


def interval_ends(
    found: Contributions, clusters: NDArray[np.int_] | None, confidence: float
) -> tuple[Array, Array]:
    """Both ends (systems,); not a number where there is no interval."""
    import numpy as np

    strata = found.means(clusters)
    if not strata:
        nothing = np.full(len(found.values), np.nan)
        return nothing, nothing
    low, high = mean_interval(strata, confidence)
    # the sum of the strata begins at 0, the component at the least of its range
    rest = found.values - np.sum([s.weight * s.mean for s in strata], axis=0)
    # the value itself is in its interval, whatever the rounding of the sums
    return (
        np.clip(low + rest, found.low, found.values),
        np.clip(high + rest, found.values, found.high),
    )
