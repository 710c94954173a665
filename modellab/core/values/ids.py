"""Parsing cells with a list of ids, names or numbers, however it is quoted."""

import json
import re
from functools import lru_cache
from typing import Any

from modellab.core.text.json_reading import python_literal

#: separator of quoted items in a list that is neither JSON nor Python, such as with an open quote
_BETWEEN_QUOTED = re.compile(r"""(?<=['"])\s*,\s*(?=['"])""")
_QUOTED = re.compile(r"""\s*(['"])(.*)\1\s*""", re.DOTALL)
_BRACKETS = {"[": "]", "{": "}", "(": ")"}
#: a longer text is not a list
LONGEST = 1_000_000


# many answers cite the same few documents
@lru_cache(maxsize=50_000)
def read_ids(cell: str) -> tuple[str, ...]:
    """The ids of a cell: a list in JSON or Python syntax (or a set, a tuple), or one bare id.

    A text that is not in brackets is one id, whatever commas it contains; quotes around it, outer
    spaces, empty ids and null are removed.
    """
    text = cell.strip()
    items = read_list(text) if text.startswith("[") else _quoted_items(text)
    found = (text,) if items is None else items
    return tuple(item for item in map(str.strip, found) if item)


def _quoted_items(text: str) -> tuple[str, ...] | None:
    """The texts of a Python set or tuple, or the one text in quotes."""
    if text[:1] not in ("(", "{", "'", '"') or len(text) > LONGEST:
        return None
    found = _as_python(text)
    items = tuple(found) if isinstance(found, tuple | set) else (found,)
    return items if all(isinstance(item, str) for item in items) else None


def read_list(text: str) -> tuple[str, ...] | None:
    """The items of `[a, b]` as texts; None for a text that is not in square brackets.

    A list that is neither JSON nor Python is split between its quotes, or else at its commas or
    semicolons. Null is an empty item.
    """
    text = text.strip()
    if len(text) > LONGEST or within(text, "[") is None:
        return None
    items = literal_list(text)
    return _cut(text[1:-1]) if items is None else tuple(map(_text, items))


def literal_list(text: str) -> list[Any] | None:
    """A list in JSON (numbers as text) or Python syntax, else None. Never evaluates."""
    for read in (_as_json, _as_python):
        found = read(text)
        if isinstance(found, list):
            return found
    return None


def within(text: str, opening: str) -> str | None:
    """The text inside enclosing brackets; None if there are none."""
    text = text.strip()
    if len(text) < 2 or text[0] != opening or text[-1] != _BRACKETS[opening]:
        return None
    return text[1:-1]


def _as_json(text: str) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _as_python(text: str) -> Any:
    try:
        return python_literal(text)
    except ValueError:
        return None


def _text(item: object) -> str:
    if item is None:
        return ""
    if isinstance(item, bool):
        return str(item).lower()
    return json.dumps(item, ensure_ascii=False) if isinstance(item, list | dict) else str(item)


def _cut(inner: str) -> tuple[str, ...]:
    if _QUOTED.fullmatch(inner):
        parts = _BETWEEN_QUOTED.split(inner)
    else:
        parts = inner.split(";" if ";" in inner else ",")
    unquoted = (match[2] if (match := _QUOTED.fullmatch(part)) else part for part in parts)
    return tuple(part.strip() for part in unquoted) if inner.strip() else ()
