"""Asks for many answers at once, as fast as limits, budget and server allow."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from modellab.core.records import Request, Response
from modellab.core.retry_rounds import FOR_ALL_ROWS
from modellab.core.secrets import scrub
from modellab.models.generators.litellm.backoff import Backoff
from modellab.models.generators.litellm.budget import Budget
from modellab.models.generators.litellm.client import Client
from modellab.models.generators.litellm.costs import Costs
from modellab.models.generators.litellm.failures import (
    LONGEST_TEXT,
    BadReplyError,
    Failure,
    Reply,
    classify,
    too_far,
)
from modellab.models.generators.litellm.limiter import Limiter
from modellab.models.generators.litellm.rates import RateLimit
from modellab.models.generators.litellm.sending import Sending
from modellab.models.generators.litellm.stopping import Stop, StoppedError
from modellab.models.generators.litellm.waits import Waits
from modellab.models.protocol import Stopped

log = logging.getLogger(__name__)

#: classes of errors that hold for all that was not asked: the job has failed
ENDS_THE_JOB = FOR_ALL_ROWS | {"bad_request"}
#: requests in hand for each that may be on the wire: some are being prepared, some wait to retry
IN_HAND = 2


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


@dataclass(frozen=True)
class Attempt:
    """One time that a request was sent, and what came back."""

    sending: Sending
    seconds: float | None
    reply: Reply | None
    failure: Failure | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: float | None

    def told(self) -> str:
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
        self._waits = limits.waits
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
            "form": self._client.told(),
            "answered_as": dict(sorted(self._names.items())),
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

        The first request goes alone until the server has said something: what it refuses for all
        of them is refused once.
        """
        waiting = iter(requests)
        tasks: set[asyncio.Task[Response]] = set()
        heard: asyncio.Task[Any] = asyncio.create_task(self._stop.heard.wait())
        try:
            while True:
                room = IN_HAND * self._limits.places.highest if heard.done() else 1
                while len(tasks) < room and (request := next(waiting, None)):
                    tasks.add(asyncio.create_task(self._answer(request)))
                if not tasks:
                    return
                news: set[asyncio.Task[Any]] = {*tasks} if heard.done() else {*tasks, heard}
                await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in tasks if task.done()]:
                    tasks.discard(task)
                    yield task.result()
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
                self._waits.tell(delay, f"before a request is sent again ({attempt.told()})")
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
            if failure.error_class == "bad_request" and attempt.sending.sent:
                self._stop.refused(failure)
            return None
        delay = self._limits.backoff.delay(retries, elapsed, failure.retry_after)
        if delay is None:
            self._stop.gave_up(failure)
        return delay

    async def _attempt(self, request: Request) -> Attempt:
        """Send a request once, if it can still be paid. Raises StoppedError."""
        most = self._costs.most(request)
        async with self._stop.waiting():
            allowed = await self._limits.budget.reserve(most)
        if not allowed:
            self._stop.close(Failure("budget", "max_cost_usd would be passed"))
            raise StoppedError
        spent = 0.0
        try:
            attempt = await self._send(request)
            spent = self._costs.charged(attempt.cost, attempt.failure, most)
        finally:
            self._limits.budget.settle(most, spent)
        return attempt

    async def _send(self, request: Request) -> Attempt:
        sending = self._sending(request)
        try:
            reply, failure = await self._ask(request, sending)
            failure = failure and self._judged(failure, request, sending)
            # before the place is free: the next request must know of a Retry-After
            self._learn(sending, failure)
        finally:
            sending.end()
        return self._measured(sending, reply, failure)

    async def _ask(self, request: Request, sending: Sending) -> tuple[Reply | None, Failure | None]:
        """A reply, a failure, or both: a reply that is no answer."""
        try:
            async with self._stop.watching(sending):
                return await self._client.ask(request, sending), None
        except StoppedError:
            raise
        except BadReplyError as error:
            return error.reply, error.failure
        except Exception as error:  # noqa: BLE001 - dozens of providers' code is underneath
            return None, classify(error, sending.sent is not None)

    def _judged(self, failure: Failure, request: Request, sending: Sending) -> Failure:
        """What follows from a failure, by what is known of this server and this model."""
        failure = self._stop.judged(self._client.judged(failure, request, sending))
        longest = self._limits.backoff.max_seconds
        return too_far(failure, longest, datetime.now().astimezone())

    def _sending(self, request: Request) -> Sending:
        limits = self._limits
        estimate = self._costs.estimate_tokens(request)
        return Sending(
            limits.places, limits.requests, limits.tokens, estimate, limits.timeout_seconds
        )

    def _measured(self, sending: Sending, reply: Reply | None, failure: Failure | None) -> Attempt:
        if reply and reply.model and failure is None:
            self._names[reply.model] += 1
        prompt = reply.prompt_tokens if reply else None
        completion = reply.completion_tokens if reply else None
        if prompt is not None:
            sending.count_tokens(prompt + (completion or 0))
        cost = self._costs.known(prompt, completion)
        return Attempt(sending, sending.seconds(), reply, failure, prompt, completion, cost)

    def _learn(self, sending: Sending, failure: Failure | None) -> None:
        """What an attempt tells about the server."""
        self._sent += sending.sent is not None
        if failure is None:
            self._stop.succeeded()
            self._limits.places.succeeded()
            return
        self._failed[failure.error_class] += 1
        if failure.overload and sending.sent is not None:
            said = failure.overload == "said"
            self._limits.places.overloaded(sending.sent, said, failure.retry_after)
        self._stop.failed(failure)

    def _clean(self, text: str) -> str:
        # scrubbed before it is cut, or a part of a secret could be left at the end
        return scrub(" ".join(text.split()), self._secrets)[:LONGEST_TEXT]

    def _response(self, request: Request, begun: float, retries: int, attempt: Attempt) -> Response:
        failure, reply = attempt.failure, attempt.reply
        return Response(
            key=request.key,
            text=reply.text if reply and failure is None else None,
            error_class=failure.error_class if failure else None,
            error=self._clean(failure.text) if failure else None,
            finish_reason=reply.finish_reason if reply else None,
            prompt_tokens=attempt.prompt_tokens,
            completion_tokens=attempt.completion_tokens,
            thought=reply.thought if reply else None,
            thought_tokens=reply.thought_tokens if reply else None,
            latency_seconds=attempt.seconds,
            queue_seconds=(attempt.sending.sent or time.monotonic()) - begun,
            retries=retries,
            cost_usd=attempt.cost,
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
        )
