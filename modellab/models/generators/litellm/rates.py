"""Limits per minute, for requests and for tokens.

A sliding window, not a leaky bucket: a bucket of N a minute lets N through at once and N more
while it drains, so up to 2 N in its first minute, which a server that counts by the minute
refuses. And a token estimate can be put right here when the server reports the true number.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from modellab.models.generators.litellm.waits import Waits

WINDOW_SECONDS = 60.0
#: a wait looks again this often, because estimates before it may have been put right
LOOK_AGAIN_SECONDS = 0.25


@dataclass
class Taken:
    """What one request took, and when."""

    at: float
    amount: int


class RateLimit:
    """At most `limit` units in any 60 seconds; None: any number.

    One request that is larger than the whole limit goes alone: it would never go otherwise.
    """

    def __init__(
        self,
        limit: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        name: str = "",
        waits: Waits | None = None,
    ) -> None:
        self._limit = limit
        self._name = name
        self._waits = waits
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._taken: deque[Taken] = deque()

    async def take(self, amount: int) -> Taken:
        """Wait until `amount` fits into the window, first come first served."""
        if self._limit is None:
            return Taken(self._clock(), amount)
        async with self._turn:
            while (seconds := self._wait(self._limit - amount)) > 0:
                if self._waits:
                    self._waits.tell(seconds, f"for {self._name}")
                await self._sleep(min(seconds, LOOK_AGAIN_SECONDS))
            taken = Taken(self._clock(), amount)
            self._taken.append(taken)
            return taken

    def correct(self, taken: Taken, amount: int) -> None:
        """Put an estimate right."""
        taken.amount = amount

    def _wait(self, room: int) -> float:
        """Seconds until no more than `room` is in the window, or it is empty."""
        now = self._clock()
        while self._taken and self._taken[0].at <= now - WINDOW_SECONDS:
            self._taken.popleft()
        used = sum(taken.amount for taken in self._taken)
        seconds = 0.0
        for taken in self._taken:
            if used <= room:
                break
            used -= taken.amount
            seconds = taken.at + WINDOW_SECONDS - now
        return seconds
