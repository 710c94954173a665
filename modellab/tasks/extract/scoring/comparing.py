"""Two records, field by field: what is right, wrong, missing and invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from modellab.tasks.extract.record_parts import ROOT, Scalar, joined, values_of
from modellab.tasks.extract.scoring.matching import paired
from modellab.tasks.extract.scoring.records import ItemRules, RecordRules, field_text, name_key
from modellab.tasks.extract.scoring.values import same_value


class Outcome(StrEnum):
    """What became of one field."""

    CORRECT = "correct"
    WRONG = "wrong"  # both records have it, with different values
    MISSING = "missing"  # only the wanted record has it
    INVENTED = "invented"  # only the predicted record has it


@dataclass(frozen=True)
class FieldOutcome:
    """One field of two records. `item` is the name of the item that holds it, if it is in one.

    `group` is the item's group, else the key of the record that the field stands under; empty
    for fields of the record itself. `is_name` marks the names of items.
    """

    path: str
    group: str
    item: str
    is_name: bool
    outcome: Outcome


@dataclass(frozen=True)
class _Place:
    """Where in the record a comparison is, and what rules hold there."""

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
    yield from _scalars(place, _not_objects(wanted), _not_objects(predicted))
    yield from _objects(place, _only_objects(wanted), _only_objects(predicted))


def _scalars(
    place: _Place, wanted: list[Scalar], predicted: list[Scalar]
) -> Iterator[FieldOutcome]:
    def right(first: Scalar, second: Scalar) -> bool:
        return same_value(first, second, place.rules, *place.units)

    pairs, missing, invented = paired(wanted, predicted, key=lambda _: "", gain=right)
    for first, second in pairs:
        yield _outcome(place, Outcome.CORRECT if right(first, second) else Outcome.WRONG)
    yield from (_outcome(place, Outcome.MISSING) for _ in missing)
    yield from (_outcome(place, Outcome.INVENTED) for _ in invented)


def _objects(
    place: _Place, wanted: list[dict[str, Any]], predicted: list[dict[str, Any]]
) -> Iterator[FieldOutcome]:
    rules = place.rules.items.get(place.path)

    def gain(first: dict[str, Any], second: dict[str, Any]) -> int:
        fields = _object(place, rules, first, second)
        return sum(field.outcome == Outcome.CORRECT for field in fields)

    pairs, missing, invented = paired(
        wanted, predicted, key=lambda item: name_key(item, rules), gain=gain
    )
    empty: dict[str, Any] = {}
    for first, second in [*pairs, *((m, empty) for m in missing), *((empty, i) for i in invented)]:
        yield from _object(place, rules, first, second)


def _object(
    place: _Place, rules: ItemRules | None, wanted: dict[str, Any], predicted: dict[str, Any]
) -> Iterator[FieldOutcome]:
    inside = _inside(place, rules, wanted, predicted)
    for key in dict.fromkeys([*wanted, *predicted]):
        here = replace(
            inside,
            path=joined(place.path, key),
            group=inside.group or (key if _holds_objects(wanted, predicted, key) else ""),
            is_name=rules is not None and key == rules.name,
            units=_units(rules, key, wanted, predicted),
        )
        yield from _values(here, *(_parts(item, key, here.is_name) for item in (wanted, predicted)))


def _parts(item: dict[str, Any], key: str, is_name: bool) -> tuple[Any, ...]:
    """The values of a key; a name that is written in several parts is one."""
    name = field_text(item, key) if is_name else ""
    return (name,) if name else values_of(item.get(key))


def _inside(
    place: _Place, rules: ItemRules | None, wanted: dict[str, Any], predicted: dict[str, Any]
) -> _Place:
    """The place of an item's fields: its name and group are those of the wanted item, if any."""
    if rules is None:
        return place
    item = wanted or predicted
    return replace(
        place,
        item=name_key(item, rules),
        group=field_text(item, rules.group) or place.group,
    )


def _units(
    rules: ItemRules | None, key: str, wanted: dict[str, Any], predicted: dict[str, Any]
) -> tuple[str, str]:
    if rules is None or key != rules.value:
        return "", ""
    return field_text(wanted, rules.unit), field_text(predicted, rules.unit)


def _holds_objects(wanted: Mapping[str, Any], predicted: Mapping[str, Any], key: str) -> bool:
    found = (*values_of(wanted.get(key)), *values_of(predicted.get(key)))
    return bool(_only_objects(found))


def _only_objects(values: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def _not_objects(values: tuple[Any, ...]) -> list[Scalar]:
    return [value for value in values if not isinstance(value, dict)]


def _outcome(place: _Place, outcome: Outcome) -> FieldOutcome:
    return FieldOutcome(place.path, place.group, place.item, place.is_name, outcome)
