"""The intervals of one component."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.intervals.score_method import mean_interval
from modellab.evaluation.statistics.contributions import Array, Contributions, units_of

SCORE = "stratified_score"
#: the wider of that and of the one that the differences between clusters make, by Student's t
CLUSTERED = "stratified_score_cluster_t"
#: why there is no interval
NO_VALUE, NO_SUM, ONE_CLUSTER = "no value", "no sum over rows", "one document only"


def no_intervals(reason: str, systems: int) -> pd.DataFrame:
    """A component without any."""
    cells = {"low": np.nan, "high": np.nan, "method": "", "questions": 0, "units": 0}
    return pd.DataFrame({**cells, "no_interval": reason}, index=range(systems))


def intervals(
    found: Contributions, clusters: NDArray[np.int_] | None, confidence: float
) -> pd.DataFrame:
    """One row for each system: both ends and the method, or why there is none.

    `questions` are those that the component is about, `units` the independent ones: questions, or
    documents where all of one document's questions count as a whole.
    """
    lows, highs = interval_ends(found, clusters, confidence)
    about = found.about
    none = np.isnan(found.values) | (about == 0)
    unknown = ~none & np.isnan(lows)
    units = about if clusters is None else units_of(found.weights, clusters)
    return pd.DataFrame(
        {
            "low": np.where(none, np.nan, lows),
            "high": np.where(none | unknown, np.nan, highs),
            "method": np.where(none | unknown, "", SCORE if clusters is None else CLUSTERED),
            "questions": np.where(none, 0, about),
            "units": np.where(none, 0, units),
            "no_interval": np.select([none, unknown], [NO_VALUE, ONE_CLUSTER], ""),
        }
    )


def interval_ends(
    found: Contributions, clusters: NDArray[np.int_] | None, confidence: float
) -> tuple[Array, Array]:
    """Both ends (systems,); NaN where there is no interval."""
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
