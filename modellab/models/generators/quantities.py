"""Numbers with units in running text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MAGNITUDES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_QUANTITY = re.compile(
    rf"(?<![\w.,-])(?P<low>{_NUMBER})"
    rf"(?:\s*(?:%|percent)?\s*(?:to|and|-|\u2013|\u2014)\s*(?P<high>{_NUMBER}))?"
    rf"(?:\s*(?P<magnitude>{'|'.join(_MAGNITUDES)}))?"
    r"(?=(?P<after>[^.;,()]{0,40}))",
    re.IGNORECASE,
)
#: number of characters before a number that may name its unit ("a PUE of 1.1")
_WORDS_BEFORE = 40
#: spellings of one unit; the first word after a number is looked up here
_SPELLINGS = (
    ("%", "percent", "per cent", "percentage"),
    ("kwh", "kilowatt-hours", "kilowatt-hour"),
    ("mwh", "megawatt-hours", "megawatt-hour"),
    ("gwh", "gigawatt-hours", "gigawatt-hour"),
    ("twh", "terawatt-hours", "terawatt-hour"),
    ("wh", "watt-hours", "watt-hour"),
    ("w", "watts", "watt"),
    ("kw", "kilowatts", "kilowatt"),
    ("mw", "megawatts", "megawatt"),
    ("gw", "gigawatts", "gigawatt"),
    ("l", "litres", "litre", "liters", "liter"),
    ("ml", "millilitres", "milliliters"),
    ("g", "grams", "gram", "gco2e", "gco2"),
    ("kg", "kilograms", "kilogram", "kgco2e"),
    ("t", "tonnes", "tonne", "tons", "ton", "metric", "tco2e", "tco2"),
    ("x", "times", "fold", "\u00d7"),
)


@dataclass(frozen=True)
class Quantity:
    """A number, or a range of two, with the words around it."""

    low: float
    high: float | None
    before: str
    after: str

    def text(self) -> str:
        """As an answer value: `12.5`, or `[80,90]`."""
        if self.high is None:
            return number_text(self.low)
        return f"[{number_text(self.low)},{number_text(self.high)}]"


def find_quantities(sentence: str) -> list[Quantity]:
    """All numbers and ranges of a sentence, in order. A range must rise from low to high."""
    found = []
    for match in _QUANTITY.finditer(sentence):
        scale = _MAGNITUDES[match["magnitude"].lower()] if match["magnitude"] else 1.0
        low = float(match["low"].replace(",", "")) * scale
        high = float(match["high"].replace(",", "")) * scale if match["high"] else None
        if high is not None and high <= low:
            high = None
        before = sentence[max(0, match.start() - _WORDS_BEFORE) : match.start()]
        found.append(Quantity(low, high, before, match["after"].strip()))
    return found


def has_unit(quantity: Quantity, unit: str) -> bool:
    """Whether the words around a number name the unit, or one of its spellings follows it."""
    after, wanted = quantity.after.lower(), unit.strip().lower()
    first = (after.split(maxsplit=1) or [""])[0]
    return bool(wanted) and (
        wanted in after
        or wanted in quantity.before.lower().split()
        or first.removesuffix("s") == wanted.removesuffix("s")
        or any(wanted.split(maxsplit=1)[0] in group and first in group for group in _SPELLINGS)
    )


def number_text(value: float) -> str:
    """The shortest text of a number, never in scientific form for whole numbers."""
    return str(int(value)) if value == int(value) else repr(value)
