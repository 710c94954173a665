"""Parsing a value: an amount with its unit, a boolean, a date, a list, a range, or a name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from modellab.core.values.amounts import Amount, read_amount, without_hedge
from modellab.core.values.dates import read_date
from modellab.core.values.digits import LONGEST, NumberStyle, Writing, numbers_in, writing_of
from modellab.core.values.ids import read_list, within
from modellab.core.values.spelling import bare, name_key
from modellab.core.values.units import NONE, PERCENT, Unit

_YES = "true|yes|ja|oui|s\u00ed|sim|evet|\u0434\u0430|\u662f|\u306f\u3044|\u0646\u0639\u0645"
_NO = "false|no|nein|non|hay\u0131r|\u043d\u0435\u0442|\u5426|\u3044\u3044\u3048|\u0644\u0627"
_TRUTH_VALUES = {**dict.fromkeys(_YES.split("|"), True), **dict.fromkeys(_NO.split("|"), False)}
_SPREAD = re.compile(r"(.+?) ?(?:\u00b1|\+/-|\+-) ?(.+)")
_BETWEEN = re.compile(r"(?P<between>(?:between|zwischen) )|(?:from|von) ", re.IGNORECASE)
_TO = re.compile(
    r" ?- ?| ?\.{2,3} ?| ?[~\u81f3\u5230] ?| (?:to|\u00e0|through|until|till|bis|and|und) ",
    re.IGNORECASE,
)
#: a comma that is not part of a number, `and`, `&`
_COMMA, _AND = r",(?=\s)|,(?!\d)|(?<!\d),", r"\s+(?:and|und|&)\s+"
_SPLITS = tuple(
    re.compile(rf"\s*(?:{split})\s*", re.IGNORECASE)
    for split in (rf"(?:{_COMMA})\s*(?:and|und|&)\s+|{_COMMA}|{_AND}", _COMMA, _AND)
)
_EVERY_COMMA = re.compile(r"\s*,\s*")
_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d+[.)])\s+")
#: an amount written twice: `forty-two (42)`
_TWICE = re.compile(r"(.+?) ?\(([^()]+)\)")
#: longer or more deeply nested lists are texts
_MOST, _DEEPEST = 1000, 3


@dataclass(frozen=True)
class Quantity:
    """A number in the base of `unit`; `scale` is the factor from the unit as written.

    `comparator` is a bound (`<`, `>=`), empty for a value. `whole`, `count` and `year` are as in
    `Amount`; `thing`: followed by a word that is not a unit, such as `10115 Berlin`.
    """

    number: Fraction
    unit: Unit = NONE
    scale: Fraction = Fraction(1)
    comparator: str = ""
    whole: bool = False
    count: bool = False
    year: bool = False
    thing: bool = False


Quantities = tuple[Quantity, ...]


@dataclass(frozen=True)
class Interpretation:
    """All interpretations of a text.

    `exact` is the text without quotes and full stop, `key` its normalised form. There are several
    `quantities` where a symbol is ambiguous (`5 m`: metres, million). `items` are those of a list
    in brackets, or the ends of a range in order (`spans`); `date` is a day or month.
    """

    exact: str
    key: str
    quantities: Quantities = ()
    truth: bool | None = None
    items: tuple[Interpretation, ...] | None = None
    date: str | None = None
    spans: bool = False

    @property
    def structured(self) -> bool:
        return bool(self.quantities) or self.truth is not None or self.items is not None


@dataclass(frozen=True)
class ValueReader:
    """Parses the values of one column.

    `style` resolves ambiguous separators. `unit` is the unit of bare numbers, `own` the one given
    beside the value if it differs; bare numbers are then parsed with both. With `spelled_out`, a
    bare number beside a unit such as `million` may also be written in full.
    With `ids`, whole numbers with leading zeros are texts: 007 is not 7.
    """

    style: NumberStyle = "point"
    unit: Unit = NONE
    own: Unit = NONE
    spelled_out: bool = False
    ids: bool = True

    def read(self, text: str, depth: int = 0) -> Interpretation:
        """Interpret a text: as a name if nothing else fits."""
        exact = bare(text)
        named = Interpretation(exact, name_key(exact))
        items = self._items(text, depth)
        if items is not None:
            return items[0] if len(items) == 1 else replace(named, items=items)
        truth = _TRUTH_VALUES.get(named.key)
        if truth is not None or len(exact) > LONGEST:
            return replace(named, truth=truth)
        amount = self._amount(exact)
        if amount is not None:
            return replace(named, quantities=tuple(self._quantities(amount)))
        day = read_date(exact)
        if day is not None:
            return replace(named, date=day)
        ends = self._range(exact)
        if ends is not None:
            return replace(named, items=ends, spans=True)
        return named

    def loose_items(
        self, text: str, lengths: Container[int] = range(2, _MOST + 1)
    ) -> Iterator[tuple[Interpretation, ...]]:
        """The possible lists, of these lengths, of a text without brackets."""
        for parts in self._splits(text):
            if len(parts) in lengths and all(parts):
                yield tuple(self.read(part, _DEEPEST) for part in parts)

    def _items(self, text: str, depth: int) -> tuple[Interpretation, ...] | None:
        found = None if depth >= _DEEPEST else self._listed(bare(text))
        if found is None or len(found) > _MOST:
            return None
        return tuple(self.read(item, depth + 1) for item in found)

    def _listed(self, text: str) -> tuple[str, ...] | None:
        if within(text, "[") is not None:
            return _spaced(text[1:-1], self.style) or read_list(text)
        inner = within(text, "{")
        if inner is not None:
            items = read_list(f"[{inner}]") or ()
            return tuple(dict.fromkeys(items))
        inner = within(text, "(")
        if inner and "," in inner and not self._amount(text):
            return _spaced(inner, self.style) or read_list(f"[{inner}]")
        return None

    def _amount(self, text: str) -> Amount | None:
        """An amount, unless it is an id: a whole number with leading zeros and without a unit."""
        amount = read_amount(text, self.style)
        if amount is None and (twice := _TWICE.fullmatch(text)):
            amount, other = (read_amount(part.strip(), self.style) for part in twice.groups())
            if amount is None or other is None or amount.number != other.number:
                return None
        if amount and amount.leading_zero and self.ids and amount.bare and self.unit == NONE:
            return None
        return amount

    def _quantities(self, amount: Amount) -> Iterator[Quantity]:
        """The possible numbers of an amount, the likeliest first."""
        if amount.bare:
            yield _quantity(amount, self.unit)
            if self.own.known and self.own not in (NONE, self.unit):
                yield _quantity(amount, self._in_column(self.own))
            if self.spelled_out and self.own == NONE and self.unit.words != 1:
                yield _quantity(amount, replace(self.unit, scale=self.unit.scale / self.unit.words))
            return
        if (
            self.own not in (NONE, self.unit)
            and self.own.name != PERCENT
            and self.own in amount.units
        ):
            yield _quantity(amount, self.unit)  # the unit is both after it and in the column
        asked = [unit for unit in amount.units if self.unit.name and unit.name == self.unit.name]
        for unit in asked[:1] or amount.units:
            beside = unit.words == 1 and unit.name == self.unit.name and self.unit.words != 1
            if beside:
                yield _quantity(amount, self.unit)
            if not beside or self.spelled_out:
                found = _quantity(amount, unit if unit.name else self._in_column(unit))
                yield replace(found, thing=not unit.known and unit.name != self.unit.name)

    def _in_column(self, unit: Unit) -> Unit:
        """A unit in the answer: a magnitude or share applies to the unit of the column."""
        if self.unit == NONE:
            return unit if unit.name == PERCENT else Unit(unit.words, "", unit.words)
        if unit.name:
            return unit
        base = self.unit.scale / self.unit.words
        return replace(self.unit, scale=unit.scale * base, words=unit.words)

    def _range(self, text: str) -> tuple[Interpretation, Interpretation] | None:
        """The ends of `80-90`, `from 80 to 90`, `between 80 and 90 %`, `5 ± 1`."""
        text = without_hedge(text)
        spread = _SPREAD.fullmatch(text)
        if spread:
            ends = self._ends(spread[1], spread[2])
            return _around(*ends) if ends else None
        opened = _BETWEEN.match(text)
        body = text[opened.end() :] if opened else text
        for match in _TO.finditer(body):
            between = bool(opened and opened["between"])
            if (match[0].strip().lower() in ("and", "und")) == between or "-" in match[0]:
                ends = self._ends(body[: match.start()], body[match.end() :])
                if ends:
                    return _interpretation(ends[0]), _interpretation(ends[1])
        return None

    def _ends(self, left: str, right: str) -> tuple[Quantities, Quantities] | None:
        ends = self._amount(left.strip()), self._amount(right.strip())
        if ends[0] is None or ends[1] is None or ends[0].comparator or ends[1].comparator:
            return None
        first, second = (tuple(self._quantities(end)) for end in _shared(ends[0], ends[1]))
        return (first, second) if first[0].unit.name == second[0].unit.name else None

    def _splits(self, text: str) -> Iterator[list[str]]:
        lines = [_BULLET.sub("", line) for line in text.splitlines() if line.strip()]
        if len(lines) > 1:
            yield lines
        text = bare(text)
        if ";" in text:
            yield [part.strip() for part in text.split(";")]
        for split in _SPLITS:
            yield split.split(text)
        number = numbers_in(text)
        one = writing_of(number[0]) if len(number) == 1 else Writing.SILENT
        if one is Writing.SILENT or (one is Writing.COMMA and self.style == "point"):
            yield _EVERY_COMMA.split(text)


def _quantity(amount: Amount, unit: Unit) -> Quantity:
    return Quantity(
        number=amount.number * unit.scale,
        unit=unit,
        scale=unit.scale,
        comparator=amount.comparator,
        whole=amount.whole and unit.scale == 1,
        count=amount.count and unit.scale == 1,
        year=amount.year and unit.scale == 1,
    )


def _interpretation(quantities: Quantities) -> Interpretation:
    return Interpretation("", "", quantities)


def _shared(first: Amount, second: Amount) -> tuple[Amount, Amount]:
    """A unit or magnitude of one end of a range applies to the other too: `$5-10 million`."""
    if first.bare and not second.bare:
        return replace(first, units=second.units, bare=False), second
    if second.bare and not first.bare:
        return first, replace(second, units=first.units, bare=False)
    one, other = first.units[-1], second.units[-1]
    missing = one.scale == 1 and other.words != 1 and other.name in ("", one.name)
    if not missing or first.number >= second.number:
        return first, second
    shared = Unit(other.words, one.name, other.words)
    return replace(first, units=(shared,)), replace(second, units=(shared,))


def _around(center: Quantities, spread: Quantities) -> tuple[Interpretation, Interpretation]:
    pairs = list(zip(center, spread, strict=False))
    low, high = (
        tuple(
            replace(c, number=c.number + sign * s.number, whole=False, count=False)
            for c, s in pairs
        )
        for sign in (-1, 1)
    )
    return _interpretation(low), _interpretation(high)


def _spaced(inner: str, style: NumberStyle) -> tuple[str, ...] | None:
    """Items separated by comma and space, if commas without a space group digits."""
    tight = re.findall(r"(?<!\d)(\d*),(?=\S)(\d*)", inner)
    groups = all(before and len(after) == 3 for before, after in tight)
    if style == "comma":
        groups = all(before and after for before, after in tight)
    if not tight or not groups or not re.search(r",\s", inner):
        return None
    return tuple(part.strip() for part in re.split(r",\s+", inner))
