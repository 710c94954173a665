"""When to stop sending requests to a model, and how waiting requests are notified."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from modellab.models.asking.failures import Failure

log = logging.getLogger(__name__)

#: nothing more is sent after this number of requests given up in a row
GIVE_UP_AFTER = 5

#: error classes that hold for all requests, unless there are good answers already
STRAY = frozenset({"auth", "not_found", "bad_parameter"})


class StoppedError(Exception):
    """Nothing more is sent to this model."""


@dataclass
class Stop:
    """Closed once and for good, with a reason. Replies to requests under way are still read.

    Attributes:
        first_reply: set by the first reply of the server.
        answered: there was a good answer: key, model and parameters are right.
    """

    answered: bool = False
    first_reply: asyncio.Event = field(default_factory=asyncio.Event)
    reason: Failure | None = None
    _waits: set[asyncio.Timeout] = field(default_factory=set)
    _given_up: int = 0
    _refused: int = 0

    def close(self, reason: Failure) -> None:
        """From now on, waits end with StoppedError and no request is sent."""
        if self.reason is not None:
            return
        self.reason = reason
        self.first_reply.set()
        log.warning("nothing more is sent to the model (%s)", reason.error_class)
        for scope in self._waits:
            scope.reschedule(asyncio.get_running_loop().time())

    def succeeded(self) -> None:
        self._given_up = 0
        self.answered = True
        self.first_reply.set()

    def refined(self, failure: Failure) -> Failure:
        """The failure; not fatal if a gateway refuses a single request among good answers."""
        if failure.fatal and failure.error_class in STRAY and self.answered:
            return replace(failure, fatal=False, retry=True)
        return failure

    def failed(self, failure: Failure) -> None:
        """A request failed."""
        if failure.fatal:
            self.close(failure)
        if not failure.at_once:
            self.first_reply.set()

    def gave_up(self, failure: Failure) -> None:
        """A request was given up. After several in a row the server is asked nothing more."""
        self._given_up += 1
        if self._given_up >= GIVE_UP_AFTER:
            self.close(failure)

    def refused(self, failure: Failure, under_way: int) -> None:
        """A request was rejected as invalid; if there is no good answer, all of them are.

        A refusal comes sooner than an answer: requests under way may still succeed.
        """
        self._refused += 1
        if not self.answered and self._refused >= GIVE_UP_AFTER + under_way:
            self.close(failure)

    def check(self) -> None:
        """Raises StoppedError if it is closed."""
        if self.reason is not None:
            raise StoppedError

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """A block that is left with StoppedError as soon as it is closed."""
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
