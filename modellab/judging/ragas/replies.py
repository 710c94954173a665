"""Replies to RAGAS prompts, read more strictly than by RAGAS.

Some metrics score an empty list as a perfect answer, sum verdicts that are neither 0 nor 1, or use
only those ratings that could be read. Such replies are unreadable here.
"""

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from modellab.judging.replies import UnreadableError, read_reply

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
    wanted = next(iter(form.model_fields))
    return read_reply(text, lambda found: _checked(found, form, lengths), wanted)


def statements_in(reply: BaseModel) -> int | None:
    """The number of statements in a reply; None where it makes none."""
    made = getattr(reply, "statements", None) or getattr(reply, "claims", None)
    return len(made) if isinstance(made, list) and isinstance(made[0], str) else None


def _checked(found: dict[str, Any], form: type[Form], lengths: Collection[int]) -> Form:
    try:
        reply = form.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableError(f"{where}: {first['msg']}") from None
    for problem in _problems(reply, lengths):
        raise UnreadableError(problem)
    return reply


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
