"""When nothing more is sent to a model, and how those that wait get to know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modellab.providers.litellm.failures import Failure
from modellab.providers.litellm.sending import Sending

log = logging.getLogger(__name__)

#: so many requests given up in a row, with no success between, and nothing more is sent
GIVE_UP_AFTER = 5


class StoppedError(Exception):
    """Nothing more is sent to this model."""


class Stop:
    """Closed once and for good, with a reason. What was sent before is still waited for."""

    def __init__(self) -> None:
        self._waits: set[asyncio.Timeout] = set()
        self._sendings: set[Sending] = set()
        self._given_up = 0
        self.reason: Failure | None = None

    def close(self, reason: Failure) -> None:
        """From now on, waits end with StoppedError, and what has not left yet does not leave."""
        if self.reason is not None:
            return
        self.reason = reason
        log.warning("nothing more is sent to the model (%s)", reason.error_class)
        unsent = {sending.scope for sending in self._sendings if sending.sent is None}
        for scope in self._waits | unsent:
            scope.reschedule(asyncio.get_running_loop().time())

    def succeeded(self) -> None:
        self._given_up = 0

    def gave_up(self, failure: Failure) -> None:
        """A request was given up. A server that gives no answers is not asked for all others."""
        self._given_up += 1
        if self._given_up >= GIVE_UP_AFTER:
            self.close(failure)

    def check(self) -> None:
        """Raises StoppedError if it is closed."""
        if self.reason is not None:
            raise StoppedError

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Raises StoppedError out of this block as soon as it is closed."""
        self.check()
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._waits.add(scope)
                try:
                    yield
                finally:
                    self._waits.discard(scope)
        except TimeoutError:
            raise StoppedError from None

    @asynccontextmanager
    async def watching(self, sending: Sending) -> AsyncIterator[None]:
        """Raises StoppedError out of this block if it is closed before the request leaves."""
        self.check()
        self._sendings.add(sending)
        try:
            yield
        except TimeoutError:
            if sending.sent is None:
                raise StoppedError from None
            raise
        finally:
            self._sendings.discard(sending)
