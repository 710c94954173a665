"""A session of ours as the language model that RAGAS asks."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import cache
from typing import Any

from modellab.core.records import Message, Response
from modellab.judging.materials import Call
from modellab.judging.ragas.replies import read_form, statements_in
from modellab.judging.ragas.waves import Waves
from modellab.judging.records import Item, Verdict
from modellab.judging.replies import UnreadableError, failed, unreadable

_AGAIN = (
    "Your reply cannot be read: {problem}. Reply again with one JSON object and nothing else, "
    "in the form that was asked for."
)


class CallFailedError(Exception):
    """A call has no readable reply; the conversation keeps the verdict."""


class Conversation:
    """All calls for one item: what was asked and answered, and why it failed if it did.

    Some metrics catch errors and go on; a failure here stands whatever they return.
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
        """The readable reply to a prompt, asked again if need be. Raises CallFailedError."""
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
            try:
                return self._read(response.text or "", form)
            except UnreadableError as problem:
                last = attempt > self._retries
                self.failure = unreadable(response, problem) if last else None
                again = Message("user", _AGAIN.format(problem=problem))
                asked = (*messages, Message("assistant", response.text or ""), again)
        raise CallFailedError

    def _read(self, text: str, form: Any) -> Any:
        reply = read_form(text, form, self._lengths)
        made = statements_in(reply)
        if made is not None:
            self._lengths.add(made)
        return reply


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
    """The conversation in the class that RAGAS wants; import RAGAS first."""
    return _llm_class()(conversation)
