"""Limits of requests: concurrency, rates per minute, waits before another attempt, costs."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from modellab.core.records import Request
from modellab.models.asking.failures import Failure, Reply
from modellab.models.prices import Price

log = logging.getLogger(__name__)

#: the limit grows by this share of the highest for each round of successes
GROWTH = 1 / 8
#: the limit shrinks to no less than this factor at a time
LOWEST_FACTOR = 1 / 2
#: weight of a failure that reports an overload, relative to other errors
REPORTED = 4
#: minimum number of requests that the share of failures is averaged over
SHORTEST_MEMORY = 8
#: rates are per minute
WINDOW_SECONDS = 60.0
#: interval of checks while waiting for a rate, as earlier estimates may be corrected
RECHECK_SECONDS = 0.25
#: the longest first wait before a retry, and the longest of all, in seconds
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
#: seconds; shorter waits are not reported
LONG = 10.0


@dataclass
class WaitLog:
    """Logs long waits with their reason, but not again before the last one is over."""

    name: str
    clock: Callable[[], float] = time.monotonic
    _logged_until: float = float("-inf")

    def begin(self, seconds: float, why: str) -> None:
        """A wait of `seconds` begins."""
        now = self.clock()
        if seconds <= LONG or now + seconds <= self._logged_until + LONG:
            return
        self._logged_until = now + seconds
        until = f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M:%S}"
        log.warning("%s: waiting %.0f s, until %s, %s", self.name, seconds, until, why)


class Limiter:
    """Additive increase, multiplicative decrease, between 1 and `highest`.

    It starts at `highest`, which is what the user allows. A success adds a little, so that a full
    round of them adds `GROWTH * highest`. A failure that may come from overload lowers the limit by
    the share of failed requests among the last ones (`REPORTED` times that if the server reports
    an overload), by half at most: a rare fault is no reason to slow down, a series of them is.
    Failures of requests that were under way together count once. The server's Retry-After holds
    back every new request.
    """

    def __init__(
        self,
        highest: int,
        clock: Callable[[], float] = time.monotonic,
        waits: WaitLog | None = None,
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
        """Wait for a slot, first come first served; return it with `release`."""
        slot = asyncio.get_running_loop().create_future()
        self._waiting.append(slot)
        self._assign_slots()
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self.release()
            raise

    def release(self) -> None:
        self._active -= 1
        self._assign_slots()

    def succeeded(self) -> None:
        """A request succeeded."""
        self._count(failed=0)
        self.limit = min(self.highest, self.limit + GROWTH * self.highest / self.limit)
        self._assign_slots()

    def overloaded(self, sent: float, reported: bool, retry_after: float | None = None) -> None:
        """A request that left at `sent` (by the clock) failed, maybe because of overload.

        `reported`: the server reports it. `retry_after`: seconds in which it takes no request.
        """
        self._count(failed=1)
        now = self._clock()
        if sent >= self._lowered_at:
            factor = 1 - self._failed_share * (REPORTED if reported else 1)
            self.limit = max(1.0, self.limit * max(LOWEST_FACTOR, factor))
            self.lowest = min(self.lowest, self.limit)
            self._lowered_at = now
        if retry_after:
            if self._waits:
                self._waits.begin(retry_after, "as the server asks for (Retry-After)")
            self._resume_at = max(self._resume_at, now + retry_after)

    def _count(self, failed: int) -> None:
        """A moving average over about `highest` requests."""
        self._failed_share += (failed - self._failed_share) / max(self.highest, SHORTEST_MEMORY)

    def _assign_slots(self) -> None:
        """Give all free slots to waiting requests.

        All at once: each waiter woken by the one before it would cost a turn of the loop.
        """
        while self._waiting and self._active < int(self.limit) and not self._held_back():
            slot = self._waiting.popleft()
            if not slot.done():
                self._active += 1
                slot.set_result(None)

    def _held_back(self) -> bool:
        """Whether Retry-After is still running; if so, there is a call when it ends."""
        pause = self._resume_at - self._clock()
        if pause > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(pause, self._resume)
        return pause > 0

    def _resume(self) -> None:
        self._timer = None
        self._assign_slots()


@dataclass
class Taken:
    """The amount that one request took, and when; an estimate until the server reports it."""

    at: float
    amount: int


@dataclass
class RateLimit:
    """At most `limit` units in any 60 seconds; None: any number.

    A sliding window, not a leaky bucket: a bucket of N a minute lets N through at once and N more
    while it drains, which a server that counts by the minute refuses.

    One request that is larger than the whole limit goes alone: it would never go otherwise.
    """

    limit: int | None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    name: str = ""
    waits: WaitLog | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _taken: deque[Taken] = field(default_factory=deque)

    async def take(self, amount: int) -> Taken:
        """Wait until `amount` fits into the window, first come first served."""
        if self.limit is None:
            return Taken(self.clock(), amount)
        async with self._turn:
            while (seconds := self._wait(self.limit - amount)) > 0:
                if self.waits:
                    self.waits.begin(seconds, f"for {self.name}")
                await self.sleep(min(seconds, RECHECK_SECONDS))
            taken = Taken(self.clock(), amount)
            self._taken.append(taken)
            return taken

    def _wait(self, room: int) -> float:
        """Seconds until no more than `room` is in the window, or it is empty."""
        now = self.clock()
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


#: average bytes of text in a token, for the rate of tokens; a token has at least one
BYTES_PER_TOKEN = 4
#: tokens of a picture, a high estimate: servers count differently, by size
PICTURE_TOKENS = 4000
#: tokens that a server's chat template may add to a message
TEMPLATE_TOKENS = 16


@dataclass(frozen=True)
class Costs:
    """Tokens and dollars of one model's requests; without a price, all dollars are 0."""

    price: Price | None
    longest_answer: int

    def estimate_tokens(self, request: Request) -> int:
        """About as many tokens as a request takes with the longest answer."""
        prompt = _prompt_bytes(request) // BYTES_PER_TOKEN + _picture_tokens(request)
        return prompt + self.longest_answer

    def max_cost(self, request: Request) -> float:
        """The maximum cost of a request in dollars."""
        template = TEMPLATE_TOKENS * (len(request.messages) + 1)
        prompt = _prompt_bytes(request) + _picture_tokens(request) + template
        return self.price.cost(prompt, self.longest_answer) if self.price else 0.0

    def known(self, reply: Reply) -> float | None:
        """Dollars for the tokens that the server reported; None where it did not."""
        prompt, completion = reply.prompt_tokens, reply.completion_tokens
        if self.price is None or prompt is None or completion is None:
            return None
        return self.price.cost(prompt, completion, reply.cached_tokens or 0)

    def in_order(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Sorted so that equal prefixes are adjacent, if cached prompts have a price."""
        if self.price is None or self.price.cached is None:
            return requests
        return sorted(requests, key=lambda request: [m.content for m in request.messages])

    def charged(self, known: float | None, failure: Failure | None, most: float) -> float:
        """The cost of an attempt for the budget: the maximum if it is not known."""
        if known is not None:
            return known
        return most if failure is None or failure.billed else 0.0


@dataclass
class Budget:
    """Admits a request only if all requests under way could still be paid.

    Before a request is sent, the most that it can cost is reserved; afterwards its known cost
    takes the place of that. Where the next one does not fit, it waits for those under way (they
    mostly cost less than reserved); if it does not fit even then, the budget is closed.
    """

    limit_usd: float | None
    spent: float = 0.0
    closed: bool = False
    _reserved: list[float] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

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
        """Replace a reservation by the actual cost."""
        self._reserved.remove(reserved)
        self.spent += spent
        self._changed.set()

    def _fits(self, usd: float) -> bool:
        return self.limit_usd is None or self.spent + sum(self._reserved) + usd <= self.limit_usd


def _prompt_bytes(request: Request) -> int:
    return sum(len(message.content.encode()) for message in request.messages)


def _picture_tokens(request: Request) -> int:
    return PICTURE_TOKENS * sum(len(message.images) for message in request.messages)
