"""Numbers as documents write them: `1.500.000`, `1 200,50`, `<5`, `-60.000`, `Rp 38.000`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from modellab.core.values.amounts import holds_number
from modellab.core.values.digits import NUMBER, NumberStyle, read_number
from modellab.core.values.spelling import plain
from modellab.core.values.unit_spelling import unit_key

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
    rf"(?P<number>{NUMBER})"
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
    brackets are no minus. What stands behind is no unit where it holds another number, but for
    the digits of a unit (`m2`, `10^9/L`, `mg/100 ml`). `style` decides what `1,200` and `1.200`
    are (`read_number`).
    """
    if not isinstance(value, str):
        return Quantity("", Decimal(repr(value)), "")
    match = _QUANTITY.fullmatch(plain(value))
    if match is None:
        return None
    signs = [match[name].strip() for name in ("sign", "inner", "trailing") if match[name]]
    number = read_number(match["number"], style)
    if number is None or len(signs) > 1 or holds_number(match["suffix"] or ""):
        return None
    scaled = number.scaleb(int(match["exponent"][1:])) if match["exponent"] else number
    return Quantity(
        comparator=_COMPARATORS[match["comparator"].lower()] if match["comparator"] else "",
        number=-scaled if signs == ["-"] else scaled,
        unit=unit_key((match["prefix"] or "") + (match["suffix"] or "")),
    )
