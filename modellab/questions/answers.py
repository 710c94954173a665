"""Questions with several right answers: one in `truth`, and the others beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from modellab.core.errors import InputError
from modellab.core.text.json_reading import field_text


def _as_list(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError(
            "string_type", "Input should be a valid string, or a list of them"
        )
    if isinstance(value, Mapping) and isinstance(value.get("text"), list):
        value = value["text"]
    items = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(str(item).lower() if isinstance(item, bool) else item for item in items)


def list_of_numbers(value: Any) -> str | None:
    """A list of several numbers as the one answer that it is: a range, or a list of values.

    None for anything else.
    """
    if not isinstance(value, list) or len(value) < 2:
        return None
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        return None
    return f"[{', '.join(map(field_text, value))}]"


#: a key of a JSON row that holds one text or a list of texts, also as SQuAD's `{"text": [...]}`
Answers = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
#: the same under the name of one answer: there a list of numbers is one value, not several
Answer = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: _as_list(list_of_numbers(value) or value))
]


def first_and_others(place: str, answers: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The first right answer as a question's `truth` holds it, and the others, each once.

    Without any, the question is unanswerable. Raises InputError (place) where one of several
    is empty.
    """
    if len(answers) > 1 and not all(answer.strip() for answer in answers):
        raise InputError(f"{place}: one of the right answers is empty; leave it out")
    distinct = tuple(dict.fromkeys(answers))
    return ({"answer": distinct[0]} if distinct else {}), distinct[1:]


def texts_of_list(cell: str) -> tuple[str, ...] | None:
    """The texts of a cell that is a JSON list of texts; None for any other cell.

    A list with a number in it is one answer, such as the range [80,90], and not several.
    """
    found = _json_list(cell)
    return tuple(found) if found and all(type(item) is str for item in found) else None


def other_answers(place: str, cell: str) -> tuple[str, ...]:
    """The texts or numbers of a JSON list, or one text. Raises InputError (place) for other lists.

    Numbers are taken as they are written.
    """
    if not cell.lstrip().startswith("["):
        return (cell,) if cell.strip() else ()
    found = _json_list(cell)
    if found is None or not all(isinstance(item, str) for item in found):
        raise InputError(
            f'{place}: other_answers: write a JSON list of texts, such as ["1931", "March 1931"]'
        )
    return tuple(map(str, found))


class _Written(str):
    """A number as it is written."""

    __slots__ = ()


def _json_list(cell: str) -> list[Any] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        data = json.loads(cell, parse_float=_Written, parse_int=_Written)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, list) else None
