"""When two answer values are the same: numbers within 0.1 %, ranges, lists, sets, names."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

#: both the relative and the absolute tolerance of numbers
TOLERANCE = 1e-3
Element = float | str


def same_value(truth: str, value: str) -> bool:
    """Whether `value` is the true value. Neither is blank.

    A list or set is compared without order. A single number is also right when it lies in a
    true range of two numbers. Numbers are close when they differ by at most 0.1 % of the larger
    one or by 0.001. Anything else is compared as text, without case and outer spaces.
    """
    true_list, given_list = parse_collection(truth), parse_collection(value)
    if true_list is None:
        return _same_scalar(truth, value)
    if given_list is None:
        return _within_range(true_list, value)
    return _same_list(true_list, given_list)


def parse_collection(text: str) -> list[Element] | None:
    """The elements of `[a, b]` or `{a, b}`; None for anything else.

    Elements of a list that are numbers become floats, all else lower-case text. A list that is
    not JSON (after single quotes are made double) is cut at its commas.
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_element(part) for part in _parts(text)]
    if text.startswith("{") and text.endswith("}"):
        terms = (term.strip().lower() for term in text[1:-1].split(","))
        return sorted({term for term in terms if term})
    return None


def number(text: str) -> float | None:
    """The number that a text is, as Python reads it (so `1e3` and `inf` are numbers)."""
    try:
        return float(text)
    except ValueError:
        return None


def _parts(text: str) -> list[str]:
    try:
        parts = json.loads(text.replace("'", '"'))
        return ["" if part is None else str(part).strip() for part in parts]
    except (ValueError, RecursionError):
        return [part.strip() for part in text[1:-1].split(",")]


def _element(part: str) -> Element:
    found = number(part)
    return part.lower() if found is None else found


def _same_scalar(truth: str, value: str) -> bool:
    true_number, given_number = number(truth), number(value)
    if true_number is not None and given_number is not None:
        return _close(true_number, given_number)
    return truth.strip().lower() == value.strip().lower()


def _within_range(true_list: Sequence[Element], value: str) -> bool:
    given = number(value)
    bounds = sorted(item for item in true_list if isinstance(item, float))
    if given is None or len(true_list) != 2 or len(bounds) != 2:
        return False
    return bounds[0] - TOLERANCE <= given <= bounds[1] + TOLERANCE


def _same_list(truth: Sequence[Element], value: Sequence[Element]) -> bool:
    true_numbers = [item for item in truth if isinstance(item, float)]
    given_numbers = [item for item in value if isinstance(item, float)]
    if len(true_numbers) == len(truth) and len(given_numbers) == len(value):
        return len(truth) == len(value) and all(
            map(_close, sorted(true_numbers), sorted(given_numbers))
        )
    return _as_text(truth) == _as_text(value)


def _as_text(items: Sequence[Element]) -> list[str]:
    return sorted(str(item).strip().lower() for item in items)


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
