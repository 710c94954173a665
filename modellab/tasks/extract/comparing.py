"""Two records, field by field: what is right, wrong, missing and invented."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeVar

from pydantic import Field

from modellab.core.options import Options
from modellab.core.values.amounts import holds_number
from modellab.core.values.digits import NUMBER, NumberStyle, read_number
from modellab.core.values.spelling import plain, text_key
from modellab.core.values.units import unit_key
from modellab.tasks.extract.records import ROOT, Scalar, joined, values_of

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
class _Quantity:
    """A number with its comparator (empty: equal) and unit (empty: none)."""

    comparator: str
    number: Decimal
    unit: str


def read_quantity(value: str | int | float, style: NumberStyle = "point") -> _Quantity | None:
    """The one number that a field consists of; None for texts, dates, ranges and lists.

    A JSON number is read as it is. In a text, the number may follow a comparator, a sign and a
    short prefix such as a currency, and be followed by a minus or a unit. The minus is kept;
    brackets are no minus. A suffix with another number is no unit, except for the digits of a unit
    (`m2`, `10^9/L`, `mg/100 ml`). `style` says what `1,200` and `1.200` are (`read_number`).
    """
    if not isinstance(value, str):
        return _Quantity("", Decimal(repr(value)), "")
    match = _QUANTITY.fullmatch(plain(value))
    if match is None:
        return None
    signs = [match[name].strip() for name in ("sign", "inner", "trailing") if match[name]]
    number = read_number(match["number"], style)
    if number is None or len(signs) > 1 or holds_number(match["suffix"] or ""):
        return None
    scaled = number.scaleb(int(match["exponent"][1:])) if match["exponent"] else number
    return _Quantity(
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


Item = TypeVar("Item")


class ItemRules(Options):
    """The special keys of the items of a list."""

    name: str = Field(description="the key with the item's name: items are matched by it")
    value: str | None = Field(None, description="the key with the item's value")
    unit: str | None = Field(None, description="the key with the unit of that value")
    group: str | None = Field(
        None, description="the key with the item's group, such as a panel of laboratory tests"
    )


class RecordRules(ValueRules):
    """How a record is compared: `items` by the path of their list, such as `panels.tests`."""

    items: dict[str, ItemRules] = Field(
        default_factory=dict, description="lists of named items, by path (such as `menu.sub`)"
    )


def field_text(item: Mapping[str, Any], key: str | None) -> str:
    """One key of an item as text: its parts with spaces between; empty if it contains objects."""
    found = values_of(item.get(key)) if key else ()
    if any(isinstance(value, dict) for value in found):
        return ""
    return " ".join(str(value).strip() for value in found)


def name_key(item: Mapping[str, Any], rules: ItemRules | None) -> str:
    """The key by which an item is matched; empty for items without a name."""
    return text_key(field_text(item, rules.name)) if rules else ""


def paired(
    wanted: Sequence[Item],
    predicted: Sequence[Item],
    key: Callable[[Item], Hashable],
    gain: Callable[[Item, Item], int],
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs of items with equal keys, then the wanted and the predicted items left over.

    Each item is used at most once, so that items of the same name stay apart. If several have one
    key, the pairs with the greatest sum of gains are chosen (`linear_sum_assignment`). Pairs come
    in the order of the wanted items.
    """
    pairs: dict[int, int] = {}
    for name in dict.fromkeys(map(key, wanted)):
        rows = [index for index, item in enumerate(wanted) if key(item) == name]
        columns = [index for index, item in enumerate(predicted) if key(item) == name]
        pairs.update(_best(wanted, predicted, rows, columns, gain))
    used = set(pairs.values())
    return (
        [(item, predicted[pairs[i]]) for i, item in enumerate(wanted) if i in pairs],
        [item for i, item in enumerate(wanted) if i not in pairs],
        [item for i, item in enumerate(predicted) if i not in used],
    )


def _best(
    wanted: Sequence[Item],
    predicted: Sequence[Item],
    rows: Sequence[int],
    columns: Sequence[int],
    gain: Callable[[Item, Item], int],
) -> dict[int, int]:
    if len(rows) <= 1 and len(columns) <= 1:
        return dict(zip(rows, columns, strict=False))
    if not rows or not columns:
        return {}
    from scipy.optimize import linear_sum_assignment

    gains = [[gain(wanted[row], predicted[column]) for column in columns] for row in rows]
    chosen = linear_sum_assignment(gains, maximize=True)
    return {rows[i]: columns[j] for i, j in zip(*chosen, strict=True)}


class FieldStatus(StrEnum):
    """The outcome of one field."""

    CORRECT = "correct"
    WRONG = "wrong"  # both records have it, with different values
    MISSING = "missing"  # only the wanted record has it
    INVENTED = "invented"  # only the predicted record has it


@dataclass(frozen=True)
class FieldOutcome:
    """One field of two records. `item` is the name of its list item, if it is in one.

    `group` is the item's group, else the key of the record above the field; empty for fields of the
    record itself. `is_name` marks the names of items.
    """

    path: str
    group: str
    item: str
    is_name: bool
    outcome: FieldStatus


@dataclass(frozen=True)
class _Place:
    """A position in the record, and the rules there."""

    rules: RecordRules
    path: str = ""
    group: str = ""
    item: str = ""
    is_name: bool = False
    units: tuple[str, str] = ("", "")


def compare(wanted: Any, predicted: Any, rules: RecordRules) -> list[FieldOutcome]:
    """The outcome of every field that one of two records has.

    Items of named lists are matched by name, others so that most fields are right (`matching`);
    an item without a counterpart is missing or invented with all its fields. One object counts
    as a list of one. In an item with a `unit`, the value is right only with its unit.
    """
    return list(_values(_Place(rules, path=ROOT), values_of(wanted), values_of(predicted)))


def _values(
    place: _Place, wanted: tuple[Any, ...], predicted: tuple[Any, ...]
) -> Iterator[FieldOutcome]:
    yield from _scalars(place, *(_of_kind(values, False) for values in (wanted, predicted)))
    yield from _objects(place, *(_of_kind(values, True) for values in (wanted, predicted)))


def _scalars(
    place: _Place, wanted: list[Scalar], predicted: list[Scalar]
) -> Iterator[FieldOutcome]:
    def right(first: Scalar, second: Scalar) -> bool:
        return same_value(first, second, place.rules, *place.units)

    pairs, missing, invented = paired(wanted, predicted, key=lambda _: "", gain=right)
    for first, second in pairs:
        yield _outcome(place, FieldStatus.CORRECT if right(first, second) else FieldStatus.WRONG)
    yield from (_outcome(place, FieldStatus.MISSING) for _ in missing)
    yield from (_outcome(place, FieldStatus.INVENTED) for _ in invented)


def _objects(
    place: _Place, wanted: list[dict[str, Any]], predicted: list[dict[str, Any]]
) -> Iterator[FieldOutcome]:
    rules = place.rules.items.get(place.path)

    def gain(first: dict[str, Any], second: dict[str, Any]) -> int:
        fields = _object(place, rules, first, second)
        return sum(field.outcome == FieldStatus.CORRECT for field in fields)

    pairs, missing, invented = paired(
        wanted, predicted, key=lambda item: name_key(item, rules), gain=gain
    )
    empty: dict[str, Any] = {}
    for first, second in [*pairs, *((m, empty) for m in missing), *((empty, i) for i in invented)]:
        yield from _object(place, rules, first, second)


def _object(
    place: _Place, rules: ItemRules | None, wanted: dict[str, Any], predicted: dict[str, Any]
) -> Iterator[FieldOutcome]:
    inside = place
    if rules is not None:
        item = wanted or predicted
        group = field_text(item, rules.group) or place.group
        inside = replace(place, item=name_key(item, rules), group=group)
    for key in dict.fromkeys([*wanted, *predicted]):
        is_name = rules is not None and key == rules.name
        values = [_field_values(item, key, is_name) for item in (wanted, predicted)]
        objects = any(isinstance(value, dict) for value in (*values[0], *values[1]))
        units = ("", "")
        if rules is not None and key == rules.value:
            units = (field_text(wanted, rules.unit), field_text(predicted, rules.unit))
        here = replace(
            inside,
            path=joined(place.path, key),
            group=inside.group or (key if objects else ""),
            is_name=is_name,
            units=units,
        )
        yield from _values(here, *values)


def _field_values(item: dict[str, Any], key: str, is_name: bool) -> tuple[Any, ...]:
    """The values of a key; a name that is written in several parts is one."""
    name = field_text(item, key) if is_name else ""
    return (name,) if name else values_of(item.get(key))


def _of_kind(values: tuple[Any, ...], objects: bool) -> list[Any]:
    return [value for value in values if isinstance(value, dict) is objects]


def _outcome(place: _Place, outcome: FieldStatus) -> FieldOutcome:
    return FieldOutcome(place.path, place.group, place.item, place.is_name, outcome)
