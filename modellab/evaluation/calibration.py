"""Calibration: whether answers are right as often as their confidence says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: of equal width, from 0 to 1
BINS = 10


def bins_of(confidence: Iterable[float], right: Iterable[bool]) -> pd.DataFrame:
    """The bins with answers: mean `confidence` (0 to 1), share of right ones (`accuracy`), `count`.

    Both arguments have an item per answer.
    """
    import pandas as pd

    answers = pd.DataFrame({"confidence": list(confidence), "accuracy": list(right)}, dtype=float)
    bins = answers.groupby((answers["confidence"] * BINS).astype(int).clip(upper=BINS - 1))
    return bins.mean().assign(count=bins.size()).reset_index(drop=True)


def expected_calibration_error(bins: pd.DataFrame) -> float | None:
    """The mean distance of confidence and accuracy over the bins, weighted by their counts.

    None where no answer has a confidence. Naeini, Cooper and Hauskrecht (2015), Guo et al. (2017).
    """
    if bins.empty:
        return None
    distances = (bins["confidence"] - bins["accuracy"]).abs() * bins["count"]
    return float(distances.sum() / bins["count"].sum())
