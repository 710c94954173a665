"""The language model that RAGAS talks to: its calls, collected into batches for our own session.

A metric is a chain of calls, each made from the previous reply. All metrics of all samples run side
by side; once each of them waits for one call, these calls are one batch, as local models need for
speed and an API session sends within its limits.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from functools import cache
from typing import Any, TypeVar

from modellab.core.records import Message, Response
from modellab.judging.ragas.replies import read_form, statements_in
from modellab.judging.records import Ask, Call, Item, Verdict
from modellab.judging.replies import UnreadableError, failed, unreadable

T = TypeVar("T")

#: turns of the event loop without a new call, after which all metrics are assumed to wait
QUIET_TURNS = 20
#: seconds between polls while no call is waiting
PAUSE = 0.005
_RETRY = (
    "Your reply cannot be read: {problem}. Reply again with one JSON object and nothing else, "
    "in the form that was asked for."
)


class Waves:
    """Collects calls until no metric can go on, then asks them all."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: list[tuple[Call, asyncio.Future[Response]]] = []

    def run(self, metrics: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        """The results in order. An error of any metric, or of `ask`, ends all."""
        return asyncio.run(self._run(metrics))

    async def call(self, call: Call) -> Response:
        """The judge's response, once the call's batch was asked."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        return await future

    async def _run(self, metrics: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        tasks = [asyncio.create_task(metric) for metric in metrics]
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

    Some metrics catch errors and continue: after a failure their result does not count.
    """

    def __init__(self, item: Item, waves: Waves, retries: int) -> None:
        self.item = item
        self.responses: list[Response] = []
        self.failure: Verdict | None = None
        self._waves = waves
        self._retries = retries
        self._draws: Counter[str] = Counter()
        self._lengths: set[int] = set()

    async def reply(self, prompt: str, form: Any) -> Any:
        """The reply to a prompt as an instance of `form`, after retries if needed.

        Raises:
            CallFailedError: There is no readable reply.
        """
        if self.failure is not None:
            raise CallFailedError
        self._draws[prompt] += 1
        draw = self._draws[prompt]
        messages: tuple[Message, ...] = (Message("user", prompt),)
        asked = messages
        for attempt in range(1, self._retries + 2):
            response = await self._waves.call(Call(self.item, asked, draw, attempt))
            self.responses.append(response)
            self.failure = failed(response)
            if self.failure:
                raise CallFailedError
            text = response.text or ""
            try:
                reply = read_form(text, form, self._lengths)
            except UnreadableError as problem:
                if attempt > self._retries:
                    self.failure = unreadable(response, problem)
                retry = Message("user", _RETRY.format(problem=problem))
                asked = (*messages, Message("assistant", text), retry)
                continue
            made = statements_in(reply)
            if made is not None:
                self._lengths.add(made)
            return reply
        raise CallFailedError


@cache
def _llm_class() -> Any:
    from ragas.llms.base import InstructorBaseRagasLLM

    class ConversationLLM(InstructorBaseRagasLLM):  # type: ignore[misc, unused-ignore]
        def __init__(self, conversation: Conversation) -> None:
            self._conversation = conversation

        def generate(self, prompt: str, response_model: Any) -> Any:
            return asyncio.run(self.agenerate(prompt, response_model))

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            return await self._conversation.reply(prompt, response_model)

    return ConversationLLM


def llm_of(conversation: Conversation) -> Any:
    """The conversation in the class that RAGAS expects; import RAGAS first."""
    return _llm_class()(conversation)
