"""Latency, throughput and resource usage of a system, from its predictions.

Latency is the time from request to answer; throughput and total time use the wall clock
(`modellab.core.wall_clock`). Failed and missing rows have no latency, as a model that fails at once
is not fast, but their wall-clock time counts in throughput and total time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from typing import Any, TypeVar

from modellab.core.records import Prediction, ResourceUsage, Status

Number = TypeVar("Number", int, float)

#: rows without a text have no latency
UNTIMED = frozenset({Status.FAILED, Status.MISSING})


def with_text(answers: Iterable[Prediction]) -> list[Prediction]:
    """The rows with a text, parsed or not."""
    return [answer for answer in answers if answer.status not in UNTIMED]


def latencies(answers: Iterable[Prediction]) -> list[float]:
    """Seconds from request to answer, of the rows with a text for which it is known."""
    return [a.latency_seconds for a in with_text(answers) if a.latency_seconds is not None]


def mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile with linear interpolation (numpy); None without values."""
    import numpy as np

    return float(np.percentile(values, percent, method="linear")) if len(values) else None


def wall_clock_seconds(answers: Iterable[Prediction]) -> float | None:
    """The sum of the rows' shares of the wall clock; None where none was timed."""
    known = [a.seconds_per_answer for a in answers if a.seconds_per_answer is not None]
    return fsum(known) if known else None


def rate(
    answers: Sequence[Prediction], amount: Callable[[Prediction], int | None]
) -> tuple[float | None, int]:
    """Amount per wall-clock second, and the number of rows with a text that it is over.

    Rows count for which both amount and time are known; failed rows add their time.
    """
    known = [
        (count, row)
        for row in with_text(answers)
        if row.seconds_per_answer is not None and (count := amount(row)) is not None
    ]
    failed = [row for row in answers if row.status == Status.FAILED]
    seconds = wall_clock_seconds([*(row for _, row in known), *failed])
    if not known or not seconds:
        return None, 0
    return sum(count for count, _ in known) / seconds, len(known)


def mean_concurrency(answers: Iterable[Prediction]) -> float | None:
    """Mean number of requests in flight: latencies over wall-clock seconds."""
    both = [
        (a.latency_seconds, a.seconds_per_answer)
        for a in answers
        if a.latency_seconds is not None and a.seconds_per_answer is not None
    ]
    seconds = fsum(share for _, share in both)
    return fsum(latency for latency, _ in both) / seconds if seconds else None


def measured_alone(run: Mapping[str, Any]) -> bool | None:
    """Whether the machine did nothing else in any of the runs that made the answers.

    None where it is not known of a run: it was killed, too short, or used a server.
    """
    known = [made.get("measured_alone") for made in run.get("runs") or ()]
    if False in known:
        return False
    return None if not known or None in known else True


def generation_usage(answers: Sequence[Prediction]) -> ResourceUsage:
    """Usage of the model. The cost is None unless it is known for each text."""
    unpriced = any(answer.cost_usd is None for answer in with_text(answers))
    return ResourceUsage(
        seconds=wall_clock_seconds(answers),
        input_tokens=known_sum(answer.prompt_tokens for answer in answers),
        output_tokens=known_sum(answer.completion_tokens for answer in answers),
        cost_usd=None if unpriced else known_sum(answer.cost_usd for answer in answers),
    )


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
