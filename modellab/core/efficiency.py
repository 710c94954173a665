"""How fast a system answers and what it takes, from the rows that it left.

Latency goes from request to answer; throughput and total time come from the wall clock
(`modellab.core.wall_clock`). Rows that failed, or were never asked, are in no latency: a model that
fails at once is not fast. What they took of the wall clock is in throughput and total time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from typing import Any, TypeVar

from modellab.core.records import Prediction, ResourceUsage, Status

Number = TypeVar("Number", int, float)

#: rows that tell nothing of how long an answer takes
UNTIMED = frozenset({Status.FAILED, Status.MISSING})


def with_text(answers: Iterable[Prediction]) -> list[Prediction]:
    """The rows that the model gave a text for, one that could be read or not."""
    return [answer for answer in answers if answer.status not in UNTIMED]


def latencies(answers: Iterable[Prediction]) -> list[float]:
    """Seconds from request to answer, of the rows with a text that tell it."""
    return [a.latency_seconds for a in with_text(answers) if a.latency_seconds is not None]


def mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """What so many percent stay within, between two observed values (numpy, method linear)."""
    import numpy as np

    return float(np.percentile(values, percent, method="linear")) if len(values) else None


def wall_clock_seconds(answers: Iterable[Prediction]) -> float | None:
    """The rows' shares of the wall clock together; None where none was timed."""
    known = [a.seconds_per_answer for a in answers if a.seconds_per_answer is not None]
    return fsum(known) if known else None


def rate(
    answers: Sequence[Prediction], amount: Callable[[Prediction], int | None]
) -> tuple[float | None, int]:
    """Things a second of the wall clock, and over how many rows with a text.

    Rows with a text count that tell both amount and time; failed ones add their time.
    """
    told = [
        (count, row)
        for row in with_text(answers)
        if row.seconds_per_answer is not None and (count := amount(row)) is not None
    ]
    lost = [row for row in answers if row.status == Status.FAILED]
    seconds = wall_clock_seconds([*(row for _, row in told), *lost])
    if not told or not seconds:
        return None, 0
    return sum(count for count, _ in told) / seconds, len(told)


def mean_concurrency(answers: Iterable[Prediction]) -> float | None:
    """How many answers were under way at a time: their latencies beside the wall clock."""
    both = [
        (a.latency_seconds, a.seconds_per_answer)
        for a in answers
        if a.latency_seconds is not None and a.seconds_per_answer is not None
    ]
    seconds = fsum(share for _, share in both)
    return fsum(latency for latency, _ in both) / seconds if seconds else None


def measured_alone(run: Mapping[str, Any]) -> bool | None:
    """Whether the machine did nothing else in any of the runs that made the answers.

    None where a run does not tell: it was killed, too short, or its model ran behind a server.
    """
    told = [made.get("measured_alone") for made in run.get("runs") or ()]
    if False in told:
        return False
    return None if not told or None in told else True


def generation_usage(answers: Sequence[Prediction]) -> ResourceUsage:
    """What the model took. The cost is known only where that of each text is."""
    unpriced = any(answer.cost_usd is None for answer in with_text(answers))
    return ResourceUsage(
        seconds=wall_clock_seconds(answers),
        input_tokens=known_sum(answer.prompt_tokens for answer in answers),
        output_tokens=known_sum(answer.completion_tokens for answer in answers),
        cost_usd=None if unpriced else known_sum(answer.cost_usd for answer in answers),
    )


def together(parts: Sequence[ResourceUsage]) -> ResourceUsage:
    """The sum of the parts; what one of them does not tell is not known of the whole."""

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
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
