"""How many requests may be under way at once: as many as the server bears."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

#: the limit grows by this share of the highest for each round of successes
GROWTH = 1 / 8


class Limiter:
    """Additive increase, multiplicative decrease, between 1 and `highest`.

    It starts at `highest`, which is what the user allows. A success adds a little, so that a
    full round of them adds `GROWTH * highest`. A sign of overload multiplies the limit by its
    factor, once for all requests that were under way together. The server's Retry-After holds
    back every new request.
    """

    def __init__(self, highest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.highest = highest
        self._clock = clock
        self._active = 0
        self._lowered_at = float("-inf")
        self._resume_at = float("-inf")
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self.limit = float(highest)
        self.lowest = float(highest)

    async def acquire(self) -> None:
        """Wait for a place, first come first served; give it back with `release`."""
        async with self._turn:
            while not self._free():
                self._changed.clear()
                await self._change()
            self._active += 1

    def release(self) -> None:
        self._active -= 1
        self._changed.set()

    def succeeded(self) -> None:
        """A request went well."""
        self.limit = min(self.highest, self.limit + GROWTH * self.highest / self.limit)
        self._changed.set()

    def overloaded(self, started: float, factor: float, retry_after: float | None = None) -> None:
        """A request that was sent at `started` (by the clock) showed that it is too much.

        `retry_after`: seconds in which the server wants to hear nothing.
        """
        now = self._clock()
        if started >= self._lowered_at:
            self.limit = max(1.0, self.limit * factor)
            self.lowest = min(self.lowest, self.limit)
            self._lowered_at = now
        if retry_after:
            self._resume_at = max(self._resume_at, now + retry_after)

    def _free(self) -> bool:
        return self._active < int(self.limit) and self._clock() >= self._resume_at

    async def _change(self) -> None:
        pause = self._resume_at - self._clock()
        if pause <= 0:
            await self._changed.wait()
        else:
            await asyncio.sleep(pause)
