"""Numbers as documents write them: `1.500.000`, `1 200,50`, `<5`, `-60.000`, `Rp 38.000`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from modellab.scorers.extract.text import plain
from modellab.scorers.extract.units import unit_key

#: what one separator before exactly three digits is; all other cases are not ambiguous
NumberStyle = Literal["point", "comma", "grouping"]

_SPELLINGS = {
    "<": ("<", "less than", "below", "under"),
    ">": (">", "more than", "greater than", "above", "over"),
    "<=": ("<=", "=<", "\u2264", "at most", "up to"),
    ">=": (">=", "=>", "\u2265", "at least"),
    "~": ("~", "\u2248", "about", "approximately", "ca.", "ca"),
}
_COMPARATORS = {spelling: sign for sign, all_ in _SPELLINGS.items() for spelling in all_}
_WORDS = "|".join(
    re.escape(word) + (r"(?![a-z])" if word[-1].isalpha() else "")
    for word in sorted(_COMPARATORS, key=len, reverse=True)
)
_QUANTITY = re.compile(
    rf"(?:(?P<comparator>{_WORDS})\s*)?"
    r"(?P<sign>[+-]\s?)?"
    r"(?P<prefix>[^\d.,+\-<>=]{1,6}?\.?\s?)?"
    r"(?P<inner>[+-]\s?)?"
    r"(?P<number>\d{1,3}(?:[ ']\d{3})+(?![\d ']\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d+)"
    r"(?P<exponent>e[+-]?\d{1,3}(?![\w/]))?"
    r"(?:(?P<trailing>\s?-)|\.)?"
    r"(?P<suffix>\s*(?:[^\d\s.,/+\-]|/(?=\D)|10[\^*e]).*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """A number with its comparator (empty: equal) and the unit that stands with it, if any."""

    comparator: str
    number: Decimal
    unit: str


def read_quantity(value: str | int | float, style: NumberStyle = "point") -> Quantity | None:
    """The one number that a field consists of; None for texts, dates, ranges and lists.

    A JSON number is read as it is. In a text, before the number may stand a comparator, a sign
    and a short prefix such as a currency; after it a minus or a unit. The minus is kept;
    brackets are no minus. `style` decides what `1,200` and `1.200` are (`read_number`).
    """
    if not isinstance(value, str):
        return Quantity("", Decimal(repr(value)), "")
    match = _QUANTITY.fullmatch(plain(value))
    if match is None:
        return None
    signs = [match[name].strip() for name in ("sign", "inner", "trailing") if match[name]]
    number = read_number(match["number"], style)
    if number is None or len(signs) > 1:
        return None
    scaled = number.scaleb(int(match["exponent"][1:])) if match["exponent"] else number
    return Quantity(
        comparator=_COMPARATORS[match["comparator"].lower()] if match["comparator"] else "",
        number=-scaled if signs == ["-"] else scaled,
        unit=unit_key((match["prefix"] or "") + (match["suffix"] or "")),
    )


def read_number(text: str, style: NumberStyle) -> Decimal | None:
    """Digits with separators as a number; None where they fit no way of writing (`1.2.3`).

    Spaces and apostrophes group. Of points and commas together, the last is the decimal mark; a
    mark that is repeated groups; one that is not followed by exactly three digits, or follows a
    leading zero, is decimal. What is left is ambiguous: `1,200` is 1200 in style `point`
    and `grouping`, `1.200` is 1200 in style `comma` and `grouping`; else they are 1.2.
    """
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
    if digits == text and _is_ambiguous(whole, fraction) and _groups(last, style):
        return Decimal(whole + fraction)
    return Decimal(f"{whole or 0}.{fraction}")


def _is_ambiguous(whole: str, fraction: str) -> bool:
    return len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"


def _groups(mark: str, style: NumberStyle) -> bool:
    return style == "grouping" or (mark == ",") == (style == "point")


def _grouped(digits: str, mark: str) -> Decimal | None:
    """Groups of three, or of two before a last one of three as in India."""
    groups = digits.split(mark)
    first, *middle, last = groups
    fits = 1 <= len(first) <= 3 and len(last) == 3 and all(len(g) in (2, 3) for g in middle)
    return Decimal("".join(groups)) if fits else None
