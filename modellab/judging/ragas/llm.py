"""The language model that RAGAS talks to: its calls in batches, and its replies, read strictly.

A metric is a chain of calls, each made from the previous reply. All metrics of all samples run side
by side; once each of them waits for one call, these calls are one batch, as local models need for
speed and an API sends within its limits.

Some metrics score an empty list as a perfect answer, sum verdicts that are neither 0 nor 1, or use
only those ratings that could be read. Such replies are unreadable here.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from modellab.core.options import first_problem
from modellab.core.records import Message, Response
from modellab.judging.records import Ask, Call, Item, Verdict
from modellab.judging.replies import UnreadableError, failed, read_reply, unreadable

Form = TypeVar("Form", bound=BaseModel)

#: fields of 0 or 1
_BINARY = ("verdict", "attributed", "noncommittal")
#: lists that must not be empty
_FILLED = ("statements", "claims", "classifications")
_RATINGS = {
    "AnswerAccuracyOutput": (0, 2, 4),
    "ContextRelevanceOutput": (0, 1, 2),
    "ResponseGroundednessOutput": (0, 1, 2),
}


def read_form(text: str, form: type[Form], lengths: Collection[int]) -> Form:
    """The reply as the form that RAGAS expects.

    `lengths` are those of earlier lists of statements: a list of verdicts must match one of them.

    Raises:
        UnreadableError: The reply does not have this form.
    """
    found = read_reply(text, next(iter(form.model_fields)))
    try:
        reply = form.model_validate(found)
    except ValidationError as error:
        raise UnreadableError(first_problem(error)) from None
    for problem in _problems(reply, lengths):
        raise UnreadableError(problem)
    return reply


def statements_in(reply: BaseModel) -> int | None:
    """The number of statements in a reply; None where it makes none."""
    made = getattr(reply, "statements", None) or getattr(reply, "claims", None)
    return len(made) if isinstance(made, list) and isinstance(made[0], str) else None


def _problems(reply: BaseModel, lengths: Collection[int]) -> Iterator[str]:
    data = reply.model_dump()
    for name, value in _values(data):
        if name in _BINARY and value not in (0, 1):
            yield f"{name} is {value!r}, neither 0 nor 1"
    ratings = _RATINGS.get(type(reply).__name__)
    if ratings and data["rating"] not in ratings:
        yield f"rating is {data['rating']!r}, not one of {', '.join(map(str, ratings))}"
    for name in _FILLED:
        if name in data and not data[name]:
            yield f"{name} is empty"
    if "question" in data and not str(data["question"]).strip():
        yield "question is empty"
    verdicts = data.get("statements") or [""]
    judged = isinstance(verdicts[0], dict)
    if judged and lengths and len(verdicts) not in lengths:
        yield f"{len(verdicts)} verdicts for {' or '.join(map(str, sorted(lengths)))} statements"


def _values(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
        for value in data.values():
            yield from _values(value)
    elif isinstance(data, list):
        for value in data:
            yield from _values(value)


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
