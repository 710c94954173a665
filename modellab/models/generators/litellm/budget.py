"""A limit on dollars that is never passed."""

from __future__ import annotations

import asyncio


class Budget:
    """Lets a request go only if all that is under way could still be paid.

    Before a request is sent, the most that it can cost is reserved; afterwards its known cost
    takes the place of that. Where the next one does not fit, it waits for those under way (they
    mostly cost less than reserved); if it does not fit even then, the budget is closed.
    """

    def __init__(self, limit_usd: float | None) -> None:
        self._limit = limit_usd
        self._reserved: list[float] = []
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self.spent = 0.0
        self.closed = False

    async def reserve(self, usd: float) -> bool:
        """Reserve the most that a request can cost. False: nothing more may be sent."""
        async with self._turn:
            while not self._fits(usd) and self._reserved and not self.closed:
                self._changed.clear()
                await self._changed.wait()
            self.closed = self.closed or not self._fits(usd)
            if not self.closed:
                self._reserved.append(usd)
            return not self.closed

    def settle(self, reserved: float, spent: float) -> None:
        """Replace a reservation by what was spent."""
        self._reserved.remove(reserved)
        self.spent += spent
        self._changed.set()

    def _fits(self, usd: float) -> bool:
        return self._limit is None or self.spent + sum(self._reserved) + usd <= self._limit
