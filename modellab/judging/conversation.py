"""Conversations with a judge: calls of many items in batches, and replies that are read strictly.

A judgement is a chain of calls, each made from the previous reply. All of them run side by side;
once each waits for one call, these calls are one batch, as local models need for speed and an API
sends within its limits.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from modellab.core.records import Message, Response
from modellab.core.text.thoughts import json_objects, split_thoughts
from modellab.judging.records import Ask, Call, Item, Reason, Verdict

T = TypeVar("T")

#: turns of the event loop without a new call, after which all judgements are assumed to wait
QUIET_TURNS = 20
#: judgements that run side by side: enough for any server, and little memory
MOST_AT_ONCE = 20_000
#: seconds between polls while no call is waiting
PAUSE = 0.005
_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: _once(pairs))
#: number of braces without an object after which the rest of a reply is ignored
_MOST_BROKEN = 1_000
_REASONS = {
    "timeout": Reason.TIMEOUT,
    "refusal": Reason.REFUSED,
    "content_filter": Reason.REFUSED,
    "context_too_long": Reason.TOO_LONG,
}


class UnreadableError(ValueError):
    """The reply does not have the requested form; the text says why."""


def read_reply(text: str, wanted: str) -> dict[str, Any]:
    """The one object in the text that has the key `wanted`.

    The object may be alone, in a code fence, in prose or after thoughts.

    Raises:
        UnreadableError: There is none, or there are several that differ.
    """
    objects = json_objects(split_thoughts(text).answer, _DECODER, _MOST_BROKEN)
    found = [value for _, _, value in objects if wanted in value]
    if not found:
        raise UnreadableError(f"there is no JSON object with the key {wanted!r}")
    if any(item != found[0] for item in found):
        raise UnreadableError("there are several JSON objects, and they differ")
    reply: dict[str, Any] = found[0]
    return reply


def failed(response: Response) -> Verdict | None:
    """The verdict of a response without text; None where there is text to read."""
    if response.error_class is None and response.text is not None:
        return None
    reason = _REASONS.get(response.error_class or "", Reason.PROVIDER)
    return Verdict(None, reason, f"{response.error_class}: {response.error}")


def unreadable(response: Response, problem: UnreadableError) -> Verdict:
    """The verdict of a reply that is still unreadable after the last retry."""
    reason = Reason.CUT if response.finish_reason == "length" else Reason.PARSE
    line = " ".join((response.text or "").split())
    excerpt = line if len(line) <= 200 else line[:200] + "..."
    return Verdict(None, reason, f"{problem}: {excerpt}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableError("duplicate key")
    return found


class CallBatches:
    """Collects calls until no judgement can go on, then asks them all.

    Attributes:
        seen: Keys of all responses so far; calls with equal prompts have the same one.
    """

    def __init__(self, ask: Ask) -> None:
        self.seen: set[str] = set()
        self._ask = ask
        self._waiting: list[tuple[Call, asyncio.Future[Response]]] = []

    def run(self, judgements: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """The results in order. An error of any, or of `ask`, ends all."""
        # not by runner.run, which delays Ctrl-C until the judge has answered the batch
        waiting, results = iter(judgements), []
        with asyncio.Runner() as runner:
            while part := list(islice(waiting, MOST_AT_ONCE)):
                results += runner.get_loop().run_until_complete(self._run(part))
        return results

    async def call(self, call: Call) -> Response:
        """The judge's response, once the call's batch was asked."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        return await future

    async def _run(self, judgements: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        tasks = [asyncio.create_task(one) for one in judgements]
        try:
            while not all(task.done() for task in tasks):
                await self._settle()
                self._flush()
                await asyncio.sleep(0 if self._waiting else PAUSE)
            return [task.result() for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self) -> None:
        quiet, seen = 0, -1
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)

    def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        responses = self._ask([call for call, _ in batch])
        for (_, future), response in zip(batch, responses, strict=True):
            if not future.done():
                future.set_result(response)


class CallFailedError(Exception):
    """A call has no readable reply; the conversation keeps the verdict."""


class Conversation:
    """All calls for one item: their responses, and the failure if there was one.

    `shared` are the places of responses that another item's equal prompt had before.

    Some metrics of RAGAS catch errors and continue: after a failure their result does not count.
    """

    def __init__(self, item: Item, batches: CallBatches, retries: int) -> None:
        self.item = item
        self.responses: list[Response] = []
        self.shared: list[int] = []
        self.failure: Verdict | None = None
        self._batches = batches
        self._retries = retries
        self._draws: Counter[tuple[Message, ...]] = Counter()

    async def reply(
        self,
        messages: tuple[Message, ...],
        read: Callable[[str], T],
        again: Callable[[UnreadableError], tuple[Message, ...]],
    ) -> T:
        """What `read` makes of the reply to the messages, after retries if needed.

        `again` gives the messages that ask again, by what is wrong with the last reply.

        Raises:
            CallFailedError: There is no readable reply.
        """
        if self.failure is not None:
            raise CallFailedError
        self._draws[messages] += 1
        draw, asked = self._draws[messages], messages
        for attempt in range(1, self._retries + 2):
            response = await self._batches.call(Call(self.item, asked, draw, attempt))
            if response.key in self._batches.seen:
                self.shared.append(len(self.responses))
            self._batches.seen.add(response.key)
            self.responses.append(response)
            self.failure = failed(response)
            if self.failure:
                break
            text = response.text or ""
            try:
                return read(text)
            except UnreadableError as problem:
                if attempt > self._retries:
                    self.failure = unreadable(response, problem)
                    break
                asked = (*messages, Message("assistant", text), *again(problem))
        raise CallFailedError
