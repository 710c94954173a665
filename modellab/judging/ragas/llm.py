"""The language model for RAGAS, and stricter parsing of its replies than by RAGAS.

Some metrics score an empty list as a perfect answer, sum verdicts that are neither 0 nor 1, or
ignore unreadable ratings. Such replies are unreadable here.
"""

import asyncio
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from modellab.core.options import first_problem
from modellab.core.records import Message
from modellab.judging.conversation import Conversation, UnreadableError, read_reply

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
_RETRY = (
    "Your reply cannot be read: {problem}. Reply again with one JSON object and nothing else, "
    "in the form that was asked for."
)


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
    """The number of statements in a reply; None if it has none."""
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


@cache
def _llm_class() -> Any:
    from ragas.llms.base import InstructorBaseRagasLLM

    class ConversationLLM(InstructorBaseRagasLLM):  # type: ignore[misc, unused-ignore]
        def __init__(self, conversation: Conversation) -> None:
            self._conversation = conversation
            self._lengths: set[int] = set()

        def generate(self, prompt: str, response_model: Any) -> Any:
            return asyncio.run(self.agenerate(prompt, response_model))

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            reply = await self._conversation.reply(
                (Message("user", prompt),),
                lambda text: read_form(text, response_model, self._lengths),
                lambda problem: (Message("user", _RETRY.format(problem=problem)),),
            )
            made = statements_in(reply)
            if made is not None:
                self._lengths.add(made)
            return reply

    return ConversationLLM


def llm_of(conversation: Conversation) -> Any:
    """The conversation in the class that RAGAS expects; import RAGAS first."""
    return _llm_class()(conversation)
