"""Calibration: whether answers are right as often as their confidence says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

#: of equal width, from 0 to 1
BINS = 10


@dataclass(frozen=True)
class Bin:
    """The answers of one bin: mean confidence, share of right ones, number."""

    confidence: float
    accuracy: float
    count: int


def bins_of(pairs: Sequence[tuple[float, bool]]) -> list[Bin]:
    """The bins with answers, by confidence; `pairs` are confidence (0 to 1) and whether right."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        groups.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return [
        Bin(
            fsum(confidence for confidence, _ in group) / len(group),
            sum(right for _, right in group) / len(group),
            len(group),
        )
        for _, group in sorted(groups.items())
    ]


def expected_calibration_error(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """The mean distance of confidence and accuracy over the bins, weighted by their counts.

    None where no answer has a confidence. Naeini, Cooper and Hauskrecht (2015), Guo et al. (2017).
    """
    found = bins_of(pairs)
    if not found:
        return None
    return fsum(abs(b.confidence - b.accuracy) * b.count for b in found) / len(pairs)
