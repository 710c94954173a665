"""The asking loop of all providers: many requests at once, as fast as limits and server allow."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from anyio.from_thread import BlockingPortal, start_blocking_portal

from modellab.core.records import Request, Response
from modellab.core.retry_rounds import AFFECTS_ALL_ROWS
from modellab.core.secrets import scrub
from modellab.models.asking.failures import (
    LONGEST_TEXT,
    BadReplyError,
    Failure,
    Reply,
    classify,
    quota_if_wait_too_long,
)
from modellab.models.asking.limits import Backoff, Budget, Costs, Limiter, RateLimit, Taken, WaitLog
from modellab.models.asking.stopping import Stop, StoppedError
from modellab.models.asking.wording import OUT_OF_TOKENS
from modellab.models.chat import ChatOptions
from modellab.models.protocol import Model, Stopped

log = logging.getLogger(__name__)

#: error classes that hold for all remaining requests: the job has failed
ENDS_THE_JOB = AFFECTS_ALL_ROWS | {"bad_request"}
#: requests prepared per concurrent request, as some are waiting for a retry
IN_HAND = 2
#: default limit in seconds for retries of a request, from its first attempt
MAX_RETRY_SECONDS = 600.0


class Client(Protocol):
    """One model behind a server, as the asking loop needs it. Lives in one asyncio loop."""

    #: of the weights, where the server reports it; in every row
    quantization: str | None

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def prepared(self, request: Request) -> Any:
        """The body of a request. Raises OSError or ValueError for an unreadable picture."""
        ...

    async def send(self, prepared: Any) -> Reply:
        """The answer. Raises BadReplyError for an unusable reply, or what the library raises."""
        ...

    def refined(self, failure: Failure, request: Request, prepared: Any) -> Failure:
        """The failure, with what is known about this server and model."""
        ...

    def report(self) -> dict[str, Any]:
        """Facts about the server, for the run's record."""
        ...


@dataclass(frozen=True)
class Limits:
    """All limits on requests."""

    slots: Limiter
    requests: RateLimit
    tokens: RateLimit
    budget: Budget
    backoff: Backoff
    timeout_seconds: float
    waits: WaitLog

    @classmethod
    def of(cls, options: ChatOptions, seed: int, max_concurrent: int) -> Limits:
        """Limits from the keys of a config; keys that a provider does not have limit nothing."""
        keys = options.model_dump()
        # jitter is no secret, and the same seed should wait the same
        jitter = random.Random(seed)  # noqa: S311
        waits = WaitLog(options.model_id())

        def rate(name: str) -> RateLimit:
            return RateLimit(keys.get(name), name=name, waits=waits)

        longest = keys.get("max_retry_seconds", MAX_RETRY_SECONDS)
        return cls(
            slots=Limiter(max_concurrent, waits=waits),
            requests=rate("requests_per_minute"),
            tokens=rate("tokens_per_minute"),
            budget=Budget(keys.get("max_cost_usd")),
            backoff=Backoff(keys["max_retries"], longest, jitter),
            timeout_seconds=keys["timeout_seconds"],
            waits=waits,
        )


@dataclass(frozen=True)
class Attempt:
    """One attempt of a request: its reply or failure, or both (a reply without an answer).

    `sent` is None if it was never sent; `seconds` is the time until the reply.
    """

    reply: Reply | None
    failure: Failure | None
    sent: float | None = None
    seconds: float | None = None
    cost: float | None = None


@dataclass
class Asker:
    """Turns requests into responses. Lives in one asyncio loop."""

    client: Client
    limits: Limits
    costs: Costs
    secrets: Collection[str]
    _stop: Stop = field(default_factory=Stop)
    _under_way: int = 0
    _sent: int = 0
    _failed: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """Facts about the traffic, for the run's record."""
        priced = self.costs.price is not None
        reason = self._stop.reason
        return {
            "requests_sent": self._sent,
            "failed_attempts": dict(sorted(self._failed.items())),
            "lowest_concurrency": int(self.limits.slots.lowest),
            "spent_usd_at_most": self.limits.budget.spent if priced else None,
            "stopped": f"{reason.error_class}: {self._clean(reason.text)}" if reason else None,
            **self.client.report(),
        }

    def stopped(self) -> Stopped | None:
        """Why nothing more is sent; the job has failed unless the reason is transient."""
        reason = self._stop.reason
        if reason is None:
            return None
        return Stopped(
            reason.error_class, self._clean(reason.text), reason.error_class in ENDS_THE_JOB
        )

    async def answers(self, requests: Sequence[Request]) -> AsyncGenerator[Response, None]:
        """One response per request, each as soon as it exists. Closing it cancels the others.

        Where the provider has a price for cached prompts, equal beginnings follow each other. The
        first request goes alone until the server has replied: what it refuses for all of them is
        refused once.
        """
        waiting = iter(self.costs.in_order(requests))
        tasks: set[asyncio.Task[Response]] = set()
        ended: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
        first_reply: asyncio.Task[Any] = asyncio.create_task(self._stop.first_reply.wait())
        first_reply.add_done_callback(ended.put_nowait)

        def fill_up() -> None:
            room = IN_HAND * self.limits.slots.highest if self._stop.first_reply.is_set() else 1
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
                # before yielding the answer, as the reader may be slow
                fill_up()
                if mine:
                    yield done.result()
        finally:
            for task in [*tasks, first_reply]:
                task.cancel()
            await asyncio.gather(*tasks, first_reply, return_exceptions=True)

    async def _answer(self, request: Request) -> Response:
        """Try until there is an answer, or no further attempt would help."""
        start = time.monotonic()
        for retries in count():
            try:
                attempt = await self._attempt(request)
                delay = self._delay(attempt.failure, retries, time.monotonic() - start)
                if delay is None or attempt.failure is None:
                    return self._response(request, start, retries, attempt)
                why = f"before a request is sent again ({attempt.failure.error_class})"
                self.limits.waits.begin(delay, why)
                async with self._stop.waiting():
                    await asyncio.sleep(delay)
            except StoppedError:
                reason = self._stop.reason
                assert reason is not None
                unsent = Failure(reason.error_class, f"not sent: {reason.text}")
                return self._response(request, start, retries, Attempt(None, unsent))
        raise AssertionError("count() has no end")

    def _delay(self, failure: Failure | None, retries: int, elapsed: float) -> float | None:
        """Seconds until the next attempt; None: this was the last."""
        if failure is None:
            return None
        if failure.at_once:
            return 0.0
        if not failure.retry:
            if failure.error_class == "bad_request":
                self._stop.refused(failure, self._under_way)
            return None
        delay = self.limits.backoff.delay(retries, elapsed, failure.retry_after)
        if delay is None:
            self._stop.gave_up(failure)
        return delay

    async def _attempt(self, request: Request) -> Attempt:
        """Send a request once, if it fits the budget. Raises StoppedError."""
        try:
            prepared = self.client.prepared(request)
        except (OSError, ValueError) as error:
            return Attempt(None, Failure("bad_image", f"{error}"))
        limits, most = self.limits, self.costs.max_cost(request)
        async with self._stop.waiting():
            allowed = await limits.budget.reserve(most)
        if not allowed:
            self._stop.close(Failure("budget", "max_cost_usd would be exceeded"))
            raise StoppedError
        spent = 0.0
        try:
            async with self._stop.waiting():
                await limits.slots.acquire()
            try:
                async with self._stop.waiting():
                    await limits.requests.take(1)
                    taken = await limits.tokens.take(self.costs.estimate_tokens(request))
                self._stop.check()
                # before releasing the slot, so that the next request respects a Retry-After
                attempt = await self._send(request, prepared, taken)
            finally:
                limits.slots.release()
            spent = self.costs.charged(attempt.cost, attempt.failure, most)
        finally:
            limits.budget.settle(most, spent)
        return attempt

    async def _send(self, request: Request, prepared: Any, taken: Taken) -> Attempt:
        sent = time.monotonic()
        self._under_way += 1
        self._sent += 1
        try:
            reply, failure = await self._replied(prepared)
        finally:
            self._under_way -= 1
        seconds = time.monotonic() - sent
        if failure is None:
            self._stop.succeeded()
            self.limits.slots.succeeded()
        else:
            failure = self._stop.refined(self.client.refined(failure, request, prepared))
            longest = self.limits.backoff.max_seconds
            failure = quota_if_wait_too_long(failure, longest, datetime.now().astimezone())
            self._failed[failure.error_class] += 1
            if failure.overload:
                reported = failure.overload == "reported"
                self.limits.slots.overloaded(sent, reported, failure.retry_after)
            self._stop.failed(failure)
        if reply is None or reply.prompt_tokens is None:
            return Attempt(reply, failure, sent, seconds)
        taken.amount = reply.prompt_tokens + (reply.completion_tokens or 0)
        return Attempt(reply, failure, sent, seconds, self.costs.known(reply))

    async def _replied(self, prepared: Any) -> tuple[Reply | None, Failure | None]:
        """A reply, a failure, or both: a reply that is no answer."""
        try:
            async with asyncio.timeout(self.limits.timeout_seconds):
                reply = await self.client.send(prepared)
        except BadReplyError as error:
            return error.reply, error.failure
        except TimeoutError:
            late = f"no answer within {self.limits.timeout_seconds:g} s (timeout_seconds)"
            return None, Failure("timeout", late, retry=True, overload="suspected", billed=True)
        except Exception as error:  # noqa: BLE001 - dozens of providers' code is underneath
            failure = classify(error)
            cut = OUT_OF_TOKENS.search(failure.text)
            return (Reply("", "length"), None) if cut else (None, failure)
        return reply, None

    def _clean(self, text: str) -> str:
        # scrubbed before truncation, which could leave part of a secret
        return scrub(" ".join(text.split()), self.secrets)[:LONGEST_TEXT]

    def _response(self, request: Request, start: float, retries: int, attempt: Attempt) -> Response:
        failure, reply, latency = attempt.failure, attempt.reply, attempt.seconds
        waited = (attempt.sent or time.monotonic()) - start
        if latency is not None and reply is not None and reply.seconds is not None:
            # the rest is network and queueing at the server
            waited += max(0.0, latency - reply.seconds)
            latency = reply.seconds
        return Response(
            key=request.key,
            text=reply.text if reply and failure is None else None,
            error_class=failure.error_class if failure else None,
            error=self._clean(failure.text) if failure else None,
            latency_seconds=latency,
            queue_seconds=waited,
            retries=retries,
            cost_usd=attempt.cost,
            quantization=self.client.quantization,
            **(reply.row() if reply else {}),
        )


@dataclass(frozen=True)
class AskingModel(Model):
    """Yields answers in the order of arrival. `record` is added to the report."""

    asker: Asker
    portal: BlockingPortal
    record: Mapping[str, Any]

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Requests stay in flight between responses; stopping early cancels them."""
        answers, turn = self.asker.answers(requests), asyncio.Lock()

        async def following() -> Response | None:
            async with turn:
                return await anext(answers, None)

        async def close() -> None:
            async with turn:
                await answers.aclose()

        try:
            while True:
                coming = self.portal.start_task_soon(following)
                try:
                    response = coming.result()
                finally:
                    # Ctrl-C and deadlines interrupt this thread, not that of the portal
                    coming.cancel()
                if response is None:
                    return
                yield response
        finally:
            self.portal.call(close)

    def report(self) -> Mapping[str, Any]:
        return {**self.asker.report(), **self.record}

    def stopped(self) -> Stopped | None:
        return self.asker.stopped()


@contextmanager
def asking_model(
    client: Client,
    limits: Limits,
    costs: Costs,
    key: str | None = None,
    record: Mapping[str, Any] | None = None,
) -> Iterator[AskingModel]:
    """A model behind a server.

    Args:
        client: sends one request, in the form that the server takes.
        limits: what holds requests back; one set for each model.
        costs: of requests, for rows and budget.
        key: a secret that no error may hold.
        record: further facts for the run's record, read when the report is made.
    """
    with start_blocking_portal(name="api-requests") as portal:
        portal.call(client.start)
        try:
            asker = Asker(client, limits, costs, [key] if key else [])
            yield AskingModel(asker, portal, {} if record is None else record)
        finally:
            portal.call(client.stop)
