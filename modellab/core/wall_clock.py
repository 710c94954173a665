"""What each answer took of the time in which a model answered, also where answers overlap.

A run has one clock, which goes only while requests are being answered. Each moment of it is shared
equally by the requests that are under way, and moments in which none is (waiting for a rate limit,
say) by all requests of the run. So the shares of a run add up to its clock, from its beginning to
its last answer: they are what throughput and total time are made of. A sum of latencies is not:
of ten requests at once it counts each second ten times.

Shares follow from what stands in the journal alone. They are therefore the same when a run that
was stopped is gone on with, and each run, or shard with a journal of its own, has its own clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum


@dataclass(frozen=True)
class Span:
    """One request of a run: its latency in seconds, and when its answer came, by the run's clock.

    `seconds` is None where no latency was measured: it then has a part only in idle moments.
    """

    key: str
    seconds: float | None
    end: float


def shares(spans: Sequence[Span]) -> dict[str, float]:
    """Seconds of the run's clock by key; their sum is the latest `end`.

    Empty where no request has a latency: nothing was timed.
    """
    if all(span.seconds is None for span in spans):
        return {}
    starts = [
        span.end if span.seconds is None else max(0.0, span.end - span.seconds) for span in spans
    ]
    reached, idle = _reached(starts, [span.end for span in spans])
    found: dict[str, float] = {}
    for start, span in zip(starts, spans, strict=True):
        own = reached[span.end] - reached[start] + idle / len(spans)
        found[span.key] = found.get(span.key, 0.0) + own
    return found


def _reached(starts: Sequence[float], ends: Sequence[float]) -> tuple[dict[float, float], float]:
    """How far a request that is always under way has come at each moment, and the idle seconds."""
    changes: dict[float, int] = dict.fromkeys([0.0, *starts, *ends], 0)
    for start, end in zip(starts, ends, strict=True):
        changes[start] += 1
        changes[end] -= 1
    moments = sorted(changes)
    reached, way, busy = {moments[0]: 0.0}, 0.0, changes[moments[0]]
    idle = []
    for before, now in pairwise(moments):
        if busy:
            way += (now - before) / busy
        else:
            idle.append(now - before)
        reached[now] = way
        busy += changes[now]
    return reached, fsum(idle)
