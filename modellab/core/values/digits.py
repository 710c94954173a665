"""Parsing digits with separators: `1,234.5`, `1.234,5`, `1 234,5`, `1'234.5`, `12,34,567`."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from modellab.core.values.ids import read_list
from modellab.core.values.spelling import plain

#: meaning of a single separator before exactly three digits, the only ambiguous case
NumberStyle = Literal["point", "comma", "grouping"]
#: digits in groups of three with spaces or apostrophes, or with points and commas
NUMBER = r"\d{1,3}(?:[ ']\d{3})+(?![\d ']\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d+"
_NUMBERS = re.compile(rf"(?<![\w.,'])(?:{NUMBER})(?![\w'])")
#: longer digits are not a number
LONGEST = 400


class Writing(StrEnum):
    """Evidence of the decimal mark in one number."""

    POINT = "point"
    COMMA = "comma"
    EITHER = "either"  # one mark before exactly three digits: 1,234
    SILENT = "silent"


def read_number(text: str, style: NumberStyle) -> Decimal | None:
    """Digits with separators as a number; None where they are inconsistent (`1.2.3`).

    Spaces and apostrophes group. If there are points and commas, the last is the decimal mark; a
    repeated mark groups; one that is not followed by exactly three digits, or follows a leading
    zero, is decimal. The rest is ambiguous: `1,200` is 1200 in style `point` and `grouping`,
    `1.200` in style `comma` and `grouping`; otherwise they are 1.2.
    """
    if len(text) > LONGEST:
        return None
    digits = text.replace(" ", "").replace("'", "")
    marks = [char for char in digits if char in ".,"]
    if not marks:
        return Decimal(digits)
    last = marks[-1]
    if marks.count(last) > 1:
        return _grouped(digits, last) if len(set(marks)) == 1 else None
    whole, fraction = digits.rsplit(last, 1)
    if len(marks) > 1:
        grouped = _grouped(whole, marks[0])
        return None if grouped is None else Decimal(f"{grouped}.{fraction}")
    is_ambiguous = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    groups = style == "grouping" or (last == ",") == (style == "point")
    if digits == text and is_ambiguous and groups:
        return Decimal(whole + fraction)
    return Decimal(f"{whole or 0}.{fraction}")


def writing_of(number: str) -> Writing:
    """Evidence of the decimal mark in a number that matches `NUMBER`."""
    marks = [char for char in number if char in ".,"]
    if not marks or read_number(number, "point") is None:
        return Writing.SILENT
    last = marks[-1]
    if read_number(number, "point") != read_number(number, "comma"):
        return Writing.EITHER
    repeated = marks.count(last) > 1
    return Writing.POINT if (last == ".") != repeated else Writing.COMMA


def numbers_in(text: str) -> list[str]:
    """The numbers in a text as written; of a list those of its items."""
    items = read_list(text)
    return [
        match[0]
        for item in ((text,) if items is None else items)
        for match in _NUMBERS.finditer(plain(item))
    ]


def decimal_mark(texts: Iterable[str]) -> Literal["point", "comma"]:
    """The decimal mark of a column: a comma if some numbers have one and none has a point.

    `1,5`, `0,125`, `1.234,5` and `1.234.567` have a decimal comma; ambiguous numbers do not count.
    Without evidence, or with mixed evidence, the mark is a point.
    """
    shown = {writing_of(number) for text in texts for number in numbers_in(text)}
    return "comma" if Writing.COMMA in shown and Writing.POINT not in shown else "point"


def style_of(locale: str) -> Literal["point", "comma"]:
    """The decimal mark of a locale such as `en`, `de` or `fr_CH` (Unicode CLDR).

    Raises ValueError for an unknown locale.
    """
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol

    try:
        found = Locale.parse(locale.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        advice = "write auto, or one such as en, de, fr_CH"
        raise ValueError(f"unknown locale {locale!r}; {advice}") from None
    return "comma" if get_decimal_symbol(found) in ",\u066b" else "point"


def _grouped(digits: str, mark: str) -> Decimal | None:
    """Groups of three, or of two before a last group of three as in India."""
    groups = digits.split(mark)
    first, *middle, last = groups
    fits = 1 <= len(first) <= 3 and len(last) == 3 and all(len(g) in (2, 3) for g in middle)
    return Decimal("".join(groups)) if fits else None
