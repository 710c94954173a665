"""Conversations with a judge: batches of calls of many items, and strict parsing of replies.

A judgement is a chain of calls, each of which depends on the previous reply. All judgements run
concurrently; once each of them waits for a call, these calls are sent as one batch.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from modellab.core.records import Message, Response
from modellab.core.text.thoughts import json_objects, split_thoughts
from modellab.judging.records import Ask, Item, JudgeCall, JudgedValue, Reason

T = TypeVar("T")

#: turns of the event loop without a new call, after which all judgements are assumed to wait
QUIET_TURNS = 20
#: maximum number of concurrent judgements, to limit memory
MOST_AT_ONCE = 20_000
#: seconds between polls while no call is waiting
PAUSE = 0.005
#: number of braces without an object after which the rest of a reply is ignored
_MOST_BROKEN = 1_000
#: a reply that begins with its JSON, perhaps in a code fence
_JSON_FIRST = re.compile(r"\s*(```\w*\s*)?[\[{]")
_REASONS = {
    "timeout": Reason.TIMEOUT,
    "refusal": Reason.REFUSED,
    "content_filter": Reason.REFUSED,
    "context_too_long": Reason.TOO_LONG,
}


class UnreadableError(ValueError):
    """The reply does not have the requested form; the message is the reason."""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableError("duplicate key")
    return found


# not strict: many models leave line breaks in a reason as they are
_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_unique_keys)


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


def failed(response: Response) -> JudgedValue | None:
    """The verdict of a response without text; None if there is a text to parse."""
    if response.error_class is None and response.text is not None:
        return None
    reason = _REASONS.get(response.error_class or "", Reason.PROVIDER)
    return JudgedValue(None, reason, f"{response.error_class}: {response.error}")


def unreadable(response: Response, problem: UnreadableError) -> JudgedValue:
    """The verdict of a reply that is still unreadable after the last retry."""
    reason = Reason.CUT if response.finish_reason == "length" else Reason.PARSE
    line = " ".join((response.text or "").split())
    excerpt = line if len(line) <= 200 else line[:200] + "..."
    return JudgedValue(None, reason, f"{problem}: {excerpt}")


class CallBatches:
    """Collects calls until all judgements wait, then sends them as one batch.

    Attributes:
        seen: Keys of all responses so far; calls with equal prompts have the same key.
    """

    def __init__(self, ask: Ask) -> None:
        self.seen: set[str] = set()
        self._ask = ask
        self._waiting: list[tuple[JudgeCall, asyncio.Future[Response]]] = []

    def run(self, judgements: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """The results in order. An error in a judgement or in `ask` ends all of them."""
        # not by runner.run, which delays Ctrl-C until the judge has answered the batch
        waiting, results = iter(judgements), []
        with asyncio.Runner() as runner:
            while part := list(islice(waiting, MOST_AT_ONCE)):
                results += runner.get_loop().run_until_complete(self._run(part))
        return results

    async def call(self, call: JudgeCall) -> Response:
        """The judge's response, when the batch of the call has been sent."""
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

    `shared` are indices of responses to a prompt that another item had before. Some metrics of
    RAGAS catch errors and continue: after a failure their result does not count.
    """

    def __init__(self, item: Item, batches: CallBatches, retries: int) -> None:
        self.item = item
        self.responses: list[Response] = []
        self.shared: list[int] = []
        self.failure: JudgedValue | None = None
        self._batches = batches
        self._retries = retries
        self._draws: Counter[tuple[Message, ...]] = Counter()

    async def reply(
        self,
        messages: tuple[Message, ...],
        read: Callable[[str], T],
        retry: Callable[[UnreadableError], tuple[Message, ...]],
    ) -> T:
        """The result of `read` for the reply to the messages, after retries if needed.

        `retry` returns the messages of a retry, given the error in the last reply.

        Raises:
            CallFailedError: There is no readable reply.
        """
        if self.failure is not None:
            raise CallFailedError
        self._draws[messages] += 1
        draw, asked = self._draws[messages], messages
        for attempt in range(1, self._retries + 2):
            response = await self._batches.call(JudgeCall(self.item, asked, draw, attempt))
            if response.key in self._batches.seen:
                self.shared.append(len(self.responses))
            self._batches.seen.add(response.key)
            self.responses.append(response)
            self.failure = failed(response)
            if self.failure:
                break
            text = response.text or ""
            try:
                if response.finish_reason == "length" and not _JSON_FIRST.match(text):
                    # an object in what it thought so far may be a draft
                    raise UnreadableError("the reply was cut before its end")
                return read(text)
            except UnreadableError as problem:
                if attempt > self._retries:
                    self.failure = unreadable(response, problem)
                    break
                asked = (*messages, Message("assistant", text), *retry(problem))
        raise CallFailedError
