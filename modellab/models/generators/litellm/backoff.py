"""When to try again, and when no more."""

from __future__ import annotations

import random
from dataclasses import dataclass

#: the longest first wait, and the longest of all, in seconds
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0


@dataclass(frozen=True)
class Backoff:
    """Exponential back-off with full jitter, bounded in count and in time."""

    max_retries: int
    max_seconds: float
    random: random.Random

    def delay(self, retries: int, elapsed: float, retry_after: float | None) -> float | None:
        """Seconds to wait after `retries` retries and `elapsed` seconds; None: give up.

        Anything from 0 to `FIRST_SECONDS * 2 ** retries`, so that clients that failed together
        do not come back together; at least what the server asked for.
        """
        if retries >= self.max_retries:
            return None
        # the exponent is bounded: a float overflows after a thousand doublings
        ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(retries, 60))
        delay = max(self.random.uniform(0, ceiling), retry_after or 0.0)
        return delay if elapsed + delay <= self.max_seconds else None
