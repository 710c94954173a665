"""When two values are the same: numbers within a tolerance and with one unit, texts by spelling.

Numbers are read as documents write them: `1.500.000`, `1 200,50`, `<5`, `-60.000`, `Rp 38.000`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field

from modellab.core.options import Options
from modellab.core.values.amounts import holds_number
from modellab.core.values.digits import NUMBER, NumberStyle, read_number
from modellab.core.values.spelling import plain, text_key
from modellab.core.values.units import unit_key
from modellab.tasks.extract.records import Scalar

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
    """A number with its comparator (empty: equal) and unit (empty: none)."""

    comparator: str
    number: Decimal
    unit: str


def read_quantity(value: str | int | float, style: NumberStyle = "point") -> Quantity | None:
    """The one number that a field consists of; None for texts, dates, ranges and lists.

    A JSON number is read as it is. In a text, the number may follow a comparator, a sign and a
    short prefix such as a currency, and be followed by a minus or a unit. The minus is kept;
    brackets are no minus. A suffix with another number is no unit, except for the digits of a unit
    (`m2`, `10^9/L`, `mg/100 ml`). `style` says what `1,200` and `1.200` are (`read_number`).
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


class ValueRules(Options):
    """When a value counts as right."""

    absolute: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="the absolute tolerance of numbers"
    )
    relative: float = Field(
        0.0, ge=0, lt=1, description="... or a share of the wanted number, whichever is more"
    )
    numbers: NumberStyle = Field(
        "point",
        description="how to read a mark before exactly three digits: point: 1,200 is 1200 and "
        "1.200 is 1.2; comma: the other way; grouping: both are 1200",
    )
    units: Literal["required", "optional"] = Field(
        "required",
        description="required: a number with a unit is not the number without; optional: units "
        "are compared where both have one; a rest with another number (60,000 or 70,000) is none",
    )


def same_value(
    wanted: Scalar,
    predicted: Scalar,
    rules: ValueRules,
    wanted_unit: str = "",
    predicted_unit: str = "",
) -> bool:
    """Whether a predicted value is the wanted one.

    Two numbers need the same comparator (`<5` is not `5`), a difference of at most
    max(absolute, relative * |wanted|), and the same unit, be it in the value or given beside it.
    Other values are compared as texts (`text_key`).
    """
    first, second = (
        None if isinstance(value, bool) else read_quantity(value, rules.numbers)
        for value in (wanted, predicted)
    )
    if first is None or second is None:
        return text_key(str(wanted)) == text_key(str(predicted))
    tolerance = max(
        Decimal(repr(rules.absolute)), Decimal(repr(rules.relative)) * abs(first.number)
    )
    # without a tolerance all digits count; a difference would be rounded
    close = first.number == second.number or (
        tolerance > 0 and abs(first.number - second.number) <= tolerance
    )
    units = [
        {unit for unit in (quantity.unit, unit_key(beside)) if unit}
        for quantity, beside in ((first, wanted_unit), (second, predicted_unit))
    ]
    same_unit = units[0] == units[1] or (rules.units == "optional" and not all(units))
    return first.comparator == second.comparator and close and same_unit
