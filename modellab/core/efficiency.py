"""Sums, means and percentiles of time, tokens and cost."""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Any, TypeVar

from modellab.core.records import ResourceUsage, Status

Number = TypeVar("Number", int, float)

#: rows without a text have no latency
UNTIMED = frozenset({Status.FAILED, Status.MISSING})


def mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile with linear interpolation (numpy); None without values."""
    import numpy as np

    return float(np.percentile(values, percent, method="linear")) if len(values) else None


def measured_alone(run: Mapping[str, Any]) -> bool | None:
    """Whether the machine did nothing else in any of the runs that made the answers.

    None where it is not known of a run: it was killed, too short, or used a server.
    """
    known = [made.get("measured_alone") for made in run.get("runs") or ()]
    if False in known:
        return False
    return None if not known or None in known else True


def together(parts: Sequence[ResourceUsage]) -> ResourceUsage:
    """The sum of the parts; None where it is not known of one of them."""

    def total(values: Iterable[Number | None]) -> Number | None:
        found = list(values)
        return None if None in found else known_sum(found)

    return ResourceUsage(
        seconds=total(part.seconds for part in parts),
        input_tokens=total(part.input_tokens for part in parts),
        output_tokens=total(part.output_tokens for part in parts),
        cost_usd=total(part.cost_usd for part in parts),
    )


def known_sum(values: Iterable[Number | None]) -> Number | None:
    """The sum of the known values; None where there are none."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
