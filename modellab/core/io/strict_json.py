"""JSON of tables, as RFC 8259 has it: NaN and infinities are none of its numbers.

pandas writes whole numbers as `1998.0` and small ones as `1e-05`; they are read as 1998 and, where
a text is wanted, as 0.00001, which is how people and models write them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from modellab.core.text.json_reading import field_text

_LARGEST = 2.0**53


@dataclass(frozen=True)
class NoNumber:
    """What stands where JSON has no number: NaN, Infinity, -Infinity, or 1e999."""

    text: str


def parse(text: str) -> Any:
    """The value of a JSON text, a `NoNumber` in the place of what is none.

    Raises ValueError or RecursionError for a text that is not JSON.
    """
    return DECODER.decode(text)


def no_number(value: Any) -> str | None:
    """Where in a value stands what is no number, in a few words; None where all is right."""
    found = next(_no_numbers(value), None)
    if found is None:
        return None
    place, text = found
    advice = "write null, leave the key out, or put the text in quotes"
    return f"{place or 'row'}: {text} is not a number of JSON; {advice}"


def texts(value: Any) -> Any:
    """A value in which numbers with a fraction are texts without a power, one level deep."""
    if isinstance(value, dict):
        return {
            key: texts(item) if isinstance(item, float) else item for key, item in value.items()
        }
    return field_text(value) if isinstance(value, float) else value


def _number(text: str) -> float | int | NoNumber:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return NoNumber(text)
    return int(number) if number.is_integer() and abs(number) <= _LARGEST else number


def _no_numbers(value: Any) -> Iterator[tuple[str, str]]:
    waiting = [("", value)]
    while waiting:
        place, found = waiting.pop()
        if isinstance(found, NoNumber):
            yield place, found.text
        elif isinstance(found, dict):
            waiting += [(f"{place}.{key}" if place else key, part) for key, part in found.items()]
        elif isinstance(found, list):
            waiting += [(f"{place}[{n}]", part) for n, part in enumerate(found, start=1)]


#: reads JSON with a `NoNumber` in the place of what is none
DECODER = json.JSONDecoder(parse_constant=NoNumber, parse_float=_number)
#: reads NaN and infinities as null
NULL_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_number)
