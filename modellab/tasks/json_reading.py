"""Reading JSON out of a model's text: alone, in prose, in a code fence, after thoughts, broken."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from modellab.wattbot_blank import BLANK

#: reasoning before an answer; templates may open the block in the prompt, so only its end shows
_THOUGHT = re.compile(r"(?:\A|<think>)(?:(?!<think>).)*?</think>", re.DOTALL | re.IGNORECASE)
#: a text, an escape in it, or a brace
_MARK = re.compile(r'\\.|["{}]', re.DOTALL)
#: a list of objects
_LIST = re.compile(r"\[\s*\{")
#: numbers are written without an exponent where that stays short
_PLAIN_FROM, _PLAIN_BELOW = 1e-12, 1e21
#: digits of the largest whole number that a float holds
_LONGEST_INTEGER = 309


def first_object(text: str, keys: Collection[str]) -> dict[str, Any] | None:
    """The first JSON object of a text; None where there is none.

    Broken JSON is repaired only where there is no valid object, and is then an answer only if it
    has one of `keys`.
    """
    data = _strict(text)
    return data if isinstance(data, dict) else _embedded(without_thoughts(text), keys)


def first_record(text: str, keys: Collection[str]) -> dict[str, Any] | list[Any] | None:
    """The first JSON object of a text, or the list of objects that it begins with."""
    text = without_thoughts(text)
    start = _LIST.search(text)
    if start and text.find("{") > start.start():
        items = _strict_start(text[start.start() :]) or _repaired(text[start.start() :])
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            return items
    return first_object(text, keys)


def without_thoughts(text: str) -> str:
    """The text without a block of reasoning (`<think> ... </think>`) before the answer."""
    return _THOUGHT.sub("", text)


def field_text(value: Any) -> str:
    """A JSON value as a field's text: text as it is, null as is_blank, truth values as 1 and 0.

    Numbers are written short (1287.0 as 1287), lists and objects as compact JSON. Half a
    surrogate pair, which no file can hold, becomes U+FFFD.
    """
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _writable(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number_text(value)
    return _writable(json.dumps(_short(value), ensure_ascii=False, separators=(",", ":")))


def _embedded(text: str, keys: Collection[str]) -> dict[str, Any] | None:
    candidates = list(_candidates(text))
    for candidate in candidates:
        data = _strict(candidate)
        if isinstance(data, dict):
            return data
    for candidate in candidates:
        data = _repaired(candidate) if any(key in candidate for key in keys) else None
        if isinstance(data, dict) and any(key in data for key in keys):
            return data
    return None


def _candidates(text: str) -> Iterator[str]:
    """Each outermost `{...}`, braces inside quotes not counted; last, one that is never closed."""
    end = 0
    while (start := text.find("{", end)) >= 0:
        end = _closing(text, start)
        yield text[start:end]


def _closing(text: str, start: int) -> int:
    """Where the object that opens at `start` ends: behind its brace, or at the end of the text."""
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
        return json.loads(text, parse_constant=str, parse_float=_float, parse_int=_int)
    except (ValueError, RecursionError):
        return None


def _strict_start(text: str) -> Any:
    """The value that a text begins with, whatever follows it."""
    decoder = json.JSONDecoder(parse_constant=str, parse_float=_float, parse_int=_int)
    try:
        return decoder.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _repaired(text: str) -> Any:
    from json_repair import repair_json

    try:
        return _strict(repair_json(text, skip_json_loads=True, ensure_ascii=False))
    except (ValueError, RecursionError):
        return None  # nested deeper than the library reads


def _float(text: str) -> float | str:
    """A number, or its text where no float holds it."""
    number = float(text)
    return number if math.isfinite(number) else text


def _int(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


def _number_text(number: float) -> str:
    if isinstance(number, int) or (number.is_integer() and abs(number) < _PLAIN_BELOW):
        return str(int(number))
    if _PLAIN_FROM <= abs(number) < _PLAIN_BELOW:
        return format(Decimal(repr(number)), "f")
    return repr(number)


def _short(value: Any) -> Any:
    """Lists and objects with whole numbers for floats that are whole."""
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < _PLAIN_BELOW:
        return int(value)
    return value


def _writable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
