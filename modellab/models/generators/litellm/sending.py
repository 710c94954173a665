"""One request on its way, followed through LiteLLM down to the wire.

LiteLLM spends several milliseconds on each call before and after the request itself. Places and
rates are therefore taken where the request leaves, and given back where a good reply arrives:
other requests use the wire while this one is prepared or read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from modellab.models.generators.litellm.form import Form
from modellab.models.generators.litellm.limiter import Limiter
from modellab.models.generators.litellm.rates import RateLimit, Taken

if TYPE_CHECKING:
    import httpx

#: turns of the loop that a reply waits before LiteLLM reads it, so that the request that has its
#: place now leaves first
TURNS = 6

_current: ContextVar[Sending] = ContextVar("sending")


class Sending:
    """The times of one attempt, what it holds, its form, and the reply's bytes where it is good.

    `sent` is None until the request leaves.
    """

    def __init__(
        self,
        places: Limiter,
        requests: RateLimit,
        tokens: RateLimit,
        estimate: int,
        timeout_seconds: float,
    ) -> None:
        self._places = places
        self._requests = requests
        self._tokens = tokens
        self._estimate = estimate
        self._timeout = timeout_seconds
        self._taken: Taken | None = None
        self._has_place = False
        self.scope = asyncio.timeout(None)
        self.sent: float | None = None
        self.received: float | None = None
        self.data: bytes | None = None
        self.form: Form | None = None

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """In this block, the requests of this task are this attempt.

        Raises TimeoutError when the reply takes too long, or when `scope` is moved.
        """
        token = _current.set(self)
        try:
            async with self.scope:
                yield
        finally:
            _current.reset(token)

    async def leave(self) -> None:
        """Wait for a place and the rates; from then on the time limit runs."""
        await self._places.acquire()
        self._has_place = True
        await self._requests.take(1)
        self._taken = await self._tokens.take(self._estimate)
        self.sent = time.monotonic()
        self.scope.reschedule(asyncio.get_running_loop().time() + self._timeout)

    def arrive(self, data: bytes | None) -> None:
        """The reply is here. A bad one keeps its place until what follows from it is known."""
        self.received = time.monotonic()
        self.data = data
        if data is not None:
            self.end()

    def end(self) -> None:
        """Give the place back, if it was not before."""
        if self._has_place:
            self._places.release()
            self._has_place = False

    def count_tokens(self, tokens: int) -> None:
        """Put the estimate of the rate's tokens right."""
        if self._taken is not None:
            self._tokens.correct(self._taken, tokens)

    def seconds(self) -> float | None:
        """From leaving to the reply, or to now; None if it never left."""
        if self.sent is None:
            return None
        return (self.received or time.monotonic()) - self.sent


async def on_request(_request: httpx.Request) -> None:
    """A hook of the HTTP client. Lets each attempt send one request and no other."""
    import httpx

    sending = _current.get()
    if sending.sent is not None:
        # LiteLLM sends again by itself after some errors; retries are counted elsewhere
        raise httpx.TransportError("not sent a second time")
    await sending.leave()


async def on_response(response: httpx.Response) -> None:
    """A hook of the HTTP client: headers come when the answer is complete."""
    data = await response.aread()
    _current.get().arrive(data if response.is_success else None)
    for _ in range(TURNS):
        await asyncio.sleep(0)


HOOKS: dict[str, list[Any]] = {"request": [on_request], "response": [on_response]}
