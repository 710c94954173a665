"""Confidence intervals of components."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from modellab.statistics.additive import ROUNDING

if TYPE_CHECKING:
    from modellab.statistics.additive import Array

BOOTSTRAP, WILSON = "bootstrap_percentile", "wilson"


#: why there is no interval
NO_VALUE, NO_SUM, NO_SPREAD = "no value", "no sum over rows", "all units alike"


class Interval(NamedTuple):
    """Both ends and how they were found; or None, no method, and why there is none."""

    low: float | None
    high: float | None
    method: str
    reason: str = ""


def no_interval(reason: str) -> Interval:
    return Interval(None, None, "", reason)


def interval(
    value: float | None, replicates: Array, units: int, share: bool, confidence: float
) -> Interval:
    """The middle `confidence` of a component's values in resamples (resamples,).

    `units` are those that the component is about.
    Resamples without the component (no row that it is about was drawn) are left aside. Where all
    units are alike, resampling sees no doubt. A mean of marks from 0 to 1 (`share`) that is 0 or 1
    then has Wilson's interval for `units` independent units: of all such marks those that are
    either 0 or 1 vary most, so it is wide enough. Anything else has none.
    """
    import numpy as np

    known = replicates[~np.isnan(replicates)]
    if value is None or not len(known) or not units:
        return no_interval(NO_VALUE)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    if high - low > ROUNDING:
        return Interval(float(low), float(high), BOOTSTRAP)
    if share and value in (0.0, 1.0):
        return Interval(*wilson(value, units, confidence), WILSON)
    return no_interval(NO_SPREAD)


def wilson(share: float, n: int, confidence: float) -> tuple[float, float]:
    """Wilson's score interval of a share among `n` (Wilson 1927)."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + confidence) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
