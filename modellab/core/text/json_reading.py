"""Extracting JSON from a model's text: alone, in prose, in a code fence, after thoughts, broken."""

import ast
import json
import math
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from modellab.core.text.blank import BLANK
from modellab.core.text.escape import storable
from modellab.core.text.thoughts import split_thoughts

#: announces the last of several objects as the answer
_FINAL = re.compile(r"\bfinal\b", re.IGNORECASE)
#: a placeholder copied from the prompt, such as `<number>`
_PLACEHOLDER = re.compile(r"\s*<[^<>]*>\s*|\s*\.\.\.\s*")
#: an escape, a quote or a brace
_MARK = re.compile(r'\\.|["{}]', re.DOTALL)
#: a list of objects
_LIST = re.compile(r"\[\s*\{")
#: quotes of word processors, in JSON that has no others
_TYPOGRAPHIC = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'))
#: numbers are written without an exponent where that stays short
_PLAIN_FROM, _PLAIN_BELOW = 1e-12, 1e21
#: digits of the largest whole number that a float holds
_LONGEST_INTEGER = 309
#: limits for repairing, which takes more than linear time
_LONGEST_BROKEN, _MOST_BROKEN = 50_000, 100


@dataclass(frozen=True)
class _Found:
    """An object and its position in a text."""

    start: int
    end: int
    data: dict[str, Any]


class SeveralObjectsError(ValueError):
    """A text has several different objects of the expected form."""

    def __init__(self) -> None:
        super().__init__("several JSON objects that differ, and none is marked as final")


def the_object(text: str, keys: Collection[str]) -> dict[str, Any] | None:
    """The JSON object in a text, which should have one of `keys`; None where there is none.

    The first object counts if it has none of `keys`, or all objects with one are equal. If they
    differ, the last counts if the text before it says `final`, else SeveralObjectsError is raised.
    Objects that only have placeholders are ignored. Broken JSON of up to 50,000 characters is
    repaired if there is no valid object, and must then have one of `keys`.
    """
    data = _strict(text)
    return data if isinstance(data, dict) else _embedded(without_thoughts(text), keys)


def the_record(text: str, keys: Collection[str]) -> dict[str, Any] | list[Any] | None:
    """`the_object` of a text, or the list of objects that precedes it."""
    text = without_thoughts(text)
    start = _LIST.search(text)
    if start and text.find("{") > start.start():
        items = _strict_start(text[start.start() :]) or _repaired(text[start.start() :])
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            return items
    return the_object(text, keys)


def without_thoughts(text: str) -> str:
    """The text without thoughts; empty if it ends within a thought."""
    return split_thoughts(text).answer


def field_text(value: Any) -> str:
    """A JSON value as the text of a field: null is `is_blank`, booleans are 1 and 0.

    Numbers are written short (1287.0 as 1287), lists and objects as compact JSON. Texts are made
    `storable`.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number_text(value)
    text = json.dumps(_short(value), ensure_ascii=False, separators=(",", ":"), default=str)
    return storable(text)


def with_unit(value: Any) -> Any:
    """A map of a value and its unit as one text; anything else unchanged."""
    if not isinstance(value, Mapping) or isinstance(value.get("value"), list | Mapping | None):
        return value
    unit = value.get("unit")
    return f"{field_text(value['value'])} {unit}" if unit and isinstance(unit, str) else value


def written_value(text: str) -> Any:
    """The value that a text is in JSON or Python syntax; None if it is neither."""
    for reader in (json.loads, python_literal):
        try:
            return reader(text)
        except (ValueError, RecursionError):
            continue
    return None


def python_literal(text: str) -> Any:
    """The value of a literal of Python, which is never run. Raises ValueError for other texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes
        try:
            return ast.literal_eval(text)
        except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError(f"not a literal: {error}") from None


def _embedded(text: str, keys: Collection[str]) -> dict[str, Any] | None:
    candidates = list(_candidates(text))
    found = [
        _Found(start, start + len(candidate), data)
        for start, candidate in candidates
        if isinstance(data := _strict(candidate), dict)
    ]
    if found:
        return _select(text, found, keys)
    for _, candidate in candidates[:_MOST_BROKEN]:
        data = _repaired(candidate) if any(key in candidate for key in keys) else None
        if isinstance(data, dict) and any(key in data for key in keys):
            return data
    return None


def _select(text: str, found: Sequence[_Found], keys: Collection[str]) -> dict[str, Any]:
    """The answer among several objects."""
    wanted = [one for one in found if not keys or any(key in one.data for key in keys)]
    if found[0] not in wanted:
        return found[0].data
    filled = [one for one in wanted if not _is_placeholder(one.data)] or wanted
    last = filled[-1]
    if all(one.data == last.data for one in filled):
        return last.data
    if _FINAL.search(text, filled[-2].end, last.start):
        return last.data
    raise SeveralObjectsError


def _is_placeholder(data: Mapping[str, Any]) -> bool:
    texts = [value for value in data.values() if isinstance(value, str) and value]
    return bool(texts) and all(_PLACEHOLDER.fullmatch(text) for text in texts)


def _candidates(text: str) -> Iterator[tuple[int, str]]:
    """Each outermost `{...}` with its position, ignoring quoted braces; the last may be open."""
    end = 0
    while (start := text.find("{", end)) >= 0:
        end = _closing(text, start)
        yield start, text[start:end]


def _closing(text: str, start: int) -> int:
    """The end of the object that opens at `start`: after its brace, or the end of the text."""
    depth, quoted = 0, False
    for match in _MARK.finditer(text, start):
        mark = match.group()
        if mark == '"':
            quoted = not quoted
        elif not quoted and mark in "{}":
            depth += 1 if mark == "{" else -1
            if depth == 0:
                return match.end()
    return len(text)


def _strict(text: str) -> Any:
    try:
        return _decoder().decode(text)
    except (ValueError, RecursionError):
        return None


def _strict_start(text: str) -> Any:
    """The value at the start of a text, whatever follows it."""
    try:
        return _decoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


@cache
def _decoder() -> json.JSONDecoder:
    """Numbers that overflow are kept as text."""
    return json.JSONDecoder(
        parse_constant=str,
        parse_float=lambda text: number if math.isfinite(number := float(text)) else text,
        parse_int=lambda text: int(text) if len(text) <= _LONGEST_INTEGER else text,
    )


def _repaired(text: str) -> Any:
    from json_repair import repair_json

    if len(text) > _LONGEST_BROKEN:
        return None
    if '"' not in text:
        text = text.translate(_TYPOGRAPHIC)
    try:
        return _strict(repair_json(text, skip_json_loads=True, ensure_ascii=False))
    except (ValueError, RecursionError):
        return None  # too deeply nested


def _number_text(number: float) -> str:
    if isinstance(number, int) or (number.is_integer() and abs(number) < _PLAIN_BELOW):
        return str(int(number))
    if _PLAIN_FROM <= abs(number) < _PLAIN_BELOW:
        return format(Decimal(repr(number)), "f")
    return repr(number)


def _short(value: Any) -> Any:
    """Lists and objects with integers for whole floats."""
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < _PLAIN_BELOW:
        return int(value)
    return value
