"""How many requests may be under way at once: as many as the server bears."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from modellab.models.generators.litellm.waits import Waits

#: the limit grows by this share of the highest for each round of successes
GROWTH = 1 / 8
#: the most that it shrinks at a time
LOWEST_FACTOR = 1 / 2
#: how much more a server's word counts than a mere error
SAID = 4
#: the share of failures is taken over at least so many requests
SHORTEST_MEMORY = 8


class Limiter:
    """Additive increase, multiplicative decrease, between 1 and `highest`.

    It starts at `highest`, which is what the user allows. A success adds a little, so that a
    full round of them adds `GROWTH * highest`. A failure that may come of overload lowers the
    limit by the share of failed requests among the last ones (`SAID` times that where the server
    says that it is too much), by half at most: a rare fault is no reason to slow down, a row of
    them is. All requests that were under way together count as one sign. The server's
    Retry-After holds back every new request.
    """

    def __init__(
        self,
        highest: int,
        clock: Callable[[], float] = time.monotonic,
        waits: Waits | None = None,
    ) -> None:
        self.highest = highest
        self._clock = clock
        self._waits = waits
        self._active = 0
        self._failed_share = 0.0
        self._lowered_at = float("-inf")
        self._resume_at = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.limit = float(highest)
        self.lowest = float(highest)

    async def acquire(self) -> None:
        """Wait for a place, first come first served; give it back with `release`."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._hand_out()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release()
            raise

    def release(self) -> None:
        self._active -= 1
        self._hand_out()

    def succeeded(self) -> None:
        """A request went well."""
        self._count(failed=0)
        self.limit = min(self.highest, self.limit + GROWTH * self.highest / self.limit)
        self._hand_out()

    def overloaded(self, sent: float, said: bool, retry_after: float | None = None) -> None:
        """A request that left at `sent` (by the clock) failed, maybe because it is too much.

        `said`: the server says so. `retry_after`: seconds in which it wants to hear nothing.
        """
        self._count(failed=1)
        now = self._clock()
        if sent >= self._lowered_at:
            factor = 1 - self._failed_share * (SAID if said else 1)
            self.limit = max(1.0, self.limit * max(LOWEST_FACTOR, factor))
            self.lowest = min(self.lowest, self.limit)
            self._lowered_at = now
        if retry_after:
            if self._waits:
                self._waits.tell(retry_after, "as the server asks for (Retry-After)")
            self._resume_at = max(self._resume_at, now + retry_after)

    def _count(self, failed: int) -> None:
        """A moving average over about as many requests as there may be at once."""
        self._failed_share += (failed - self._failed_share) / max(self.highest, SHORTEST_MEMORY)

    def _hand_out(self) -> None:
        """Give all free places to those that wait.

        All at once: each waiter woken by the one before it would cost a turn of the loop.
        """
        while self._waiting and self._active < int(self.limit) and not self._held_back():
            place = self._waiting.popleft()
            if not place.done():
                self._active += 1
                place.set_result(None)

    def _held_back(self) -> bool:
        """Whether Retry-After is still running; if so, there is a call when it ends."""
        pause = self._resume_at - self._clock()
        if pause > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(pause, self._resume)
        return pause > 0

    def _resume(self) -> None:
        self._timer = None
        self._hand_out()
