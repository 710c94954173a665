"""Each answer's share of the wall clock of generation, with concurrent requests.

The clock of a run only advances while requests are being answered. Each moment is divided equally
among the requests in flight, and idle moments (such as waiting for a rate limit) among all requests
of the run. So the shares of a run sum to its wall-clock time up to the last answer, unlike
latencies, which count each second of ten concurrent requests ten times. Throughput and total time
are computed from shares.

Shares depend on the journal alone, so resuming a run does not change them. Each run, or shard with
its own journal, has its own clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum


@dataclass(frozen=True)
class RequestSpan:
    """One request: its latency in seconds, and the time of its answer on the run's clock.

    `seconds` is None where no latency was measured: it then shares idle moments only.
    """

    key: str
    seconds: float | None
    end: float


def shares(spans: Sequence[RequestSpan]) -> dict[str, float]:
    """Seconds by key, which sum to the latest `end`; empty where no request has a latency."""
    if all(span.seconds is None for span in spans):
        return {}
    starts = [
        span.end if span.seconds is None else max(0.0, span.end - span.seconds) for span in spans
    ]
    elapsed, idle = _elapsed_share(starts, [span.end for span in spans])
    found: dict[str, float] = {}
    for start, span in zip(starts, spans, strict=True):
        own = elapsed[span.end] - elapsed[start] + idle / len(spans)
        found[span.key] = found.get(span.key, 0.0) + own
    return found


def _elapsed_share(
    starts: Sequence[float], ends: Sequence[float]
) -> tuple[dict[float, float], float]:
    """The share that a request in flight from the start has had at each moment; idle seconds."""
    changes: dict[float, int] = dict.fromkeys([0.0, *starts, *ends], 0)
    for start, end in zip(starts, ends, strict=True):
        changes[start] += 1
        changes[end] -= 1
    moments = sorted(changes)
    shares_at, share, in_flight = {moments[0]: 0.0}, 0.0, changes[moments[0]]
    idle = []
    for before, now in pairwise(moments):
        if in_flight:
            share += (now - before) / in_flight
        else:
            idle.append(now - before)
        shares_at[now] = share
        in_flight += changes[now]
    return shares_at, fsum(idle)
