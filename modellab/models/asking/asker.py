"""Asks a model for many answers at once, as fast as limits, budget and server allow."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from modellab.core.records import Request, Response
from modellab.core.retry_rounds import FOR_ALL_ROWS
from modellab.core.secrets import scrub
from modellab.models.asking.costs import Budget, Costs
from modellab.models.asking.failures import (
    LONGEST_TEXT,
    BadReplyError,
    Failure,
    Reply,
    classify,
    too_far,
)
from modellab.models.asking.limits import Backoff, Limiter, RateLimit, Taken, Waits
from modellab.models.asking.stopping import Stop, StoppedError
from modellab.models.protocol import Stopped

log = logging.getLogger(__name__)

#: classes of errors that hold for all that was not asked: the job has failed
ENDS_THE_JOB = FOR_ALL_ROWS | {"bad_request"}
#: requests in hand for each that may be on the wire: some wait to be sent again
IN_HAND = 2


class Client(Protocol):
    """One model behind a server, as the asking loop needs it. Lives in one asyncio loop."""

    #: of the weights, where the server says so; in every row
    quantization: str | None

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def prepared(self, request: Request) -> Any:
        """What is sent for a request. Raises OSError or ValueError for an unreadable picture."""
        ...

    async def send(self, prepared: Any) -> Reply:
        """The answer. Raises BadReplyError for a reply that is none, or what the library raises."""
        ...

    def judged(self, failure: Failure, request: Request, prepared: Any) -> Failure:
        """The failure, by what is known of this server and this model."""
        ...

    def report(self) -> dict[str, Any]:
        """What the run's record says of the server."""
        ...


@dataclass(frozen=True)
class Limits:
    """Everything that holds requests back."""

    places: Limiter
    requests: RateLimit
    tokens: RateLimit
    budget: Budget
    backoff: Backoff
    timeout_seconds: float
    waits: Waits

    @classmethod
    def of(
        cls,
        name: str,
        seed: int,
        *,
        max_concurrent: int,
        timeout_seconds: float,
        max_retries: int,
        max_retry_seconds: float,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        max_cost_usd: float | None = None,
    ) -> Limits:
        """Limits from the keys of a config; `name` is what messages call the model."""
        # jitter is no secret, and the same seed should wait the same
        jitter = random.Random(seed)  # noqa: S311
        waits = Waits(name)
        return cls(
            places=Limiter(max_concurrent, waits=waits),
            requests=RateLimit(requests_per_minute, name="requests_per_minute", waits=waits),
            tokens=RateLimit(tokens_per_minute, name="tokens_per_minute", waits=waits),
            budget=Budget(max_cost_usd),
            backoff=Backoff(max_retries, max_retry_seconds, jitter),
            timeout_seconds=timeout_seconds,
            waits=waits,
        )


@dataclass(frozen=True)
class Attempt:
    """One time that a request was sent, and what came back.

    `sent` is None where it never left, `seconds` is from leaving to the reply.
    """

    reply: Reply | None
    failure: Failure | None
    sent: float | None = None
    seconds: float | None = None
    cost: float | None = None

    def outcome(self) -> str:
        return self.failure.error_class if self.failure else "answered"


class Asker:
    """Turns requests into responses. Lives in one asyncio loop."""

    def __init__(
        self, client: Client, limits: Limits, costs: Costs, secrets: Collection[str]
    ) -> None:
        self._client = client
        self._limits = limits
        self._costs = costs
        self._secrets = secrets
        self._stop = Stop()
        self._under_way = 0
        self._sent = 0
        self._failed: Counter[str] = Counter()
        self._names: Counter[str] = Counter()

    def report(self) -> dict[str, Any]:
        """What the run's record says of the traffic."""
        priced = self._costs.price is not None
        reason = self._stop.reason
        return {
            "requests_sent": self._sent,
            "failed_attempts": dict(sorted(self._failed.items())),
            "lowest_concurrency": int(self._limits.places.lowest),
            "spent_usd_at_most": self._limits.budget.spent if priced else None,
            "stopped": f"{reason.error_class}: {self._clean(reason.text)}" if reason else None,
            "answered_as": dict(sorted(self._names.items())),
            **self._client.report(),
        }

    def stopped(self) -> Stopped | None:
        """Why nothing more is sent; the job has failed unless the reason may pass by itself."""
        reason = self._stop.reason
        if reason is None:
            return None
        return Stopped(
            reason.error_class, self._clean(reason.text), reason.error_class in ENDS_THE_JOB
        )

    async def answers(self, requests: Sequence[Request]) -> AsyncGenerator[Response, None]:
        """One response per request, each as soon as it exists. Closing it cancels the others.

        Where the provider gives a price for cached prompts, equal beginnings follow each other.

        The first request goes alone until the server has replied: what it refuses for all of them
        is refused once.
        """
        waiting = iter(self._costs.in_order(requests))
        tasks: set[asyncio.Task[Response]] = set()
        ended: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
        heard: asyncio.Task[Any] = asyncio.create_task(self._stop.heard.wait())
        heard.add_done_callback(ended.put_nowait)

        def fill_up() -> None:
            room = IN_HAND * self._limits.places.highest if self._stop.heard.is_set() else 1
            while len(tasks) < room and (request := next(waiting, None)):
                task = asyncio.create_task(self._answer(request))
                task.add_done_callback(ended.put_nowait)
                tasks.add(task)

        try:
            fill_up()
            while tasks:
                done = await ended.get()
                mine = done in tasks
                tasks.discard(done)
                # before the answer is handed out: the reader may take its time
                fill_up()
                if mine:
                    yield done.result()
        finally:
            for task in [*tasks, heard]:
                task.cancel()
            await asyncio.gather(*tasks, heard, return_exceptions=True)

    async def _answer(self, request: Request) -> Response:
        """Try until there is an answer, or no more sense in trying."""
        begun = time.monotonic()
        for retries in count():
            try:
                attempt = await self._attempt(request)
                delay = self._delay(attempt, retries, time.monotonic() - begun)
                if delay is None:
                    return self._response(request, begun, retries, attempt)
                why = f"before a request is sent again ({attempt.outcome()})"
                self._limits.waits.tell(delay, why)
                async with self._stop.waiting():
                    await asyncio.sleep(delay)
            except StoppedError:
                return self._unsent_response(request, begun, retries)
        raise AssertionError("count() has no end")

    def _delay(self, attempt: Attempt, retries: int, elapsed: float) -> float | None:
        """Seconds until the next try; None: this was the last."""
        failure = attempt.failure
        if failure is None:
            return None
        if failure.at_once:
            return 0.0
        if not failure.retry:
            if failure.error_class == "bad_request":
                self._stop.refused(failure, self._under_way)
            return None
        delay = self._limits.backoff.delay(retries, elapsed, failure.retry_after)
        if delay is None:
            self._stop.gave_up(failure)
        return delay

    async def _attempt(self, request: Request) -> Attempt:
        """Send a request once, if it can still be paid. Raises StoppedError."""
        try:
            prepared = self._client.prepared(request)
        except (OSError, ValueError) as error:
            return Attempt(None, Failure("bad_image", f"{error}"))
        most = self._costs.most(request)
        async with self._stop.waiting():
            allowed = await self._limits.budget.reserve(most)
        if not allowed:
            self._stop.close(Failure("budget", "max_cost_usd would be passed"))
            raise StoppedError
        spent = 0.0
        try:
            attempt = await self._in_place(request, prepared)
            spent = self._costs.charged(attempt.cost, attempt.failure, most)
        finally:
            self._limits.budget.settle(most, spent)
        return attempt

    async def _in_place(self, request: Request, prepared: Any) -> Attempt:
        """Wait for a place and the rates, then send. Raises StoppedError."""
        limits = self._limits
        async with self._stop.waiting():
            await limits.places.acquire()
        try:
            async with self._stop.waiting():
                await limits.requests.take(1)
                taken = await limits.tokens.take(self._costs.estimate_tokens(request))
            self._stop.check()
            # what is learnt comes before the place is free: the next must know of a Retry-After
            return await self._send(request, prepared, taken)
        finally:
            limits.places.release()

    async def _send(self, request: Request, prepared: Any, taken: Taken) -> Attempt:
        sent = time.monotonic()
        self._under_way += 1
        self._sent += 1
        try:
            reply, failure = await self._replied(prepared)
        finally:
            self._under_way -= 1
        seconds = time.monotonic() - sent
        if failure is not None:
            failure = self._judged(failure, request, prepared)
        self._learn(sent, failure)
        if reply is None or reply.prompt_tokens is None:
            return Attempt(reply, failure, sent, seconds)
        self._limits.tokens.correct(taken, reply.prompt_tokens + (reply.completion_tokens or 0))
        cost = self._costs.known(reply)
        return Attempt(reply, failure, sent, seconds, cost)

    async def _replied(self, prepared: Any) -> tuple[Reply | None, Failure | None]:
        """A reply, a failure, or both: a reply that is no answer."""
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                reply = await self._client.send(prepared)
        except BadReplyError as error:
            return error.reply, error.failure
        except TimeoutError:
            late = f"no answer within {self._limits.timeout_seconds:g} s (timeout_seconds)"
            return None, Failure("timeout", late, retry=True, overload="shown", billed=True)
        except Exception as error:  # noqa: BLE001 - dozens of providers' code is underneath
            return None, classify(error)
        if reply.model:
            self._names[self._clean(reply.model)] += 1
        return reply, None

    def _judged(self, failure: Failure, request: Request, prepared: Any) -> Failure:
        """What follows from a failure, by what is known of this server and this model."""
        failure = self._stop.judged(self._client.judged(failure, request, prepared))
        longest = self._limits.backoff.max_seconds
        return too_far(failure, longest, datetime.now().astimezone())

    def _learn(self, sent: float, failure: Failure | None) -> None:
        """What an attempt tells about the server."""
        if failure is None:
            self._stop.succeeded()
            self._limits.places.succeeded()
            return
        self._failed[failure.error_class] += 1
        if failure.overload:
            said = failure.overload == "said"
            self._limits.places.overloaded(sent, said, failure.retry_after)
        self._stop.failed(failure)

    def _clean(self, text: str) -> str:
        # scrubbed before it is cut, or a part of a secret could be left at the end
        return scrub(" ".join(text.split()), self._secrets)[:LONGEST_TEXT]

    def _response(self, request: Request, begun: float, retries: int, attempt: Attempt) -> Response:
        failure, reply = attempt.failure, attempt.reply
        latency = attempt.seconds
        waited = (attempt.sent or time.monotonic()) - begun
        if latency is not None and reply is not None and reply.seconds is not None:
            # the rest is network and waiting at the server
            waited += max(0.0, latency - reply.seconds)
            latency = reply.seconds
        return Response(
            key=request.key,
            text=reply.text if reply and failure is None else None,
            error_class=failure.error_class if failure else None,
            error=self._clean(failure.text) if failure else None,
            finish_reason=reply.finish_reason if reply else None,
            prompt_tokens=reply.prompt_tokens if reply else None,
            completion_tokens=reply.completion_tokens if reply else None,
            thought=reply.thought if reply else None,
            thought_tokens=reply.thought_tokens if reply else None,
            cached_tokens=reply.cached_tokens if reply else None,
            confidence=reply.confidence if reply else None,
            latency_seconds=latency,
            queue_seconds=waited,
            retries=retries,
            cost_usd=attempt.cost,
            quantization=self._client.quantization,
        )

    def _unsent_response(self, request: Request, begun: float, retries: int) -> Response:
        assert self._stop.reason is not None
        return Response(
            key=request.key,
            text=None,
            error_class=self._stop.reason.error_class,
            error=self._clean(f"nothing more was sent: {self._stop.reason.text}"),
            queue_seconds=time.monotonic() - begun,
            retries=retries,
            quantization=self._client.quantization,
        )
