"""Agreement of repeated extractions of one document."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from modellab.core.values.units import unit_key
from modellab.tasks.extract.comparing import (
    RecordRules,
    ValueRules,
    field_text,
    name_key,
    paired,
    same_value,
)
from modellab.tasks.extract.records import ROOT, Scalar, joined, values_of

#: values of two repeats may differ by 1 % of the earlier one
SELF_CONSISTENCY_RELATIVE = 0.01


@dataclass(frozen=True)
class ExtractionConsistency:
    """Agreement of repeats, each from 0 to 1: the mean over all pairs of repeats.

    None without a pair, and for `units` if the rules name no unit. `repeats` counts the records
    compared, `n_failed` the missing ones (None).
    """

    names: float | None
    values: float | None
    units: float | None
    overall: float | None
    repeats: int
    pairs: int
    n_failed: int


@dataclass(frozen=True)
class _Entry:
    """A named item or a single field; `unit` is None if the rules name none."""

    name: tuple[str, str]
    value: tuple[Scalar, ...]
    unit: str | None


def extraction_consistency(
    records: Sequence[Any],
    rules: RecordRules,
    relative: float = SELF_CONSISTENCY_RELATIVE,
) -> ExtractionConsistency:
    """Compare the records of all repeats of one document, pair by pair.

    Of each pair, every entry that either record has makes two checks (three with a unit): that
    both have the name, that the values agree (numbers within `relative` of the earlier repeat's,
    with the same comparator; texts by spelling), and that the units agree. The score of a pair
    is the share of checks that hold; two empty records agree fully. Entries are the items of the
    lists that `rules` name, and single fields by their path; items of the same name stay apart.
    This is the published definition for two runs, without its collapse of equal names.
    """
    read = [list(_entries(record, rules)) for record in records if record is not None]
    tolerant = ValueRules(absolute=0.0, relative=relative, numbers=rules.numbers, units="optional")
    shares = [_agreement(a, b, tolerant) for a, b in combinations(read, 2)]
    has_units = any(item.unit for item in rules.items.values())
    return ExtractionConsistency(
        names=_mean([share["names"] for share in shares]),
        values=_mean([share["values"] for share in shares]),
        units=_mean([share["units"] for share in shares]) if has_units else None,
        overall=_mean([share["overall"] for share in shares]),
        repeats=len(read),
        pairs=len(shares),
        n_failed=len(records) - len(read),
    )


def _entries(node: Any, rules: RecordRules, path: str = ROOT) -> Iterator[_Entry]:
    for value in values_of(node):
        if not isinstance(value, dict):
            yield _Entry((path, ""), (value,), None)
            continue
        item = rules.items.get(path)
        if item:
            values = values_of(value.get(item.value)) if item.value else ()
            yield _Entry(
                name=(path, name_key(value, item)),
                value=tuple(one for one in values if not isinstance(one, dict)),
                unit=unit_key(field_text(value, item.unit)) if item.unit else None,
            )
        for key, below in value.items():
            if item is None or any(isinstance(one, dict) for one in values_of(below)):
                yield from _entries(below, rules, joined(path, key))


def _agreement(first: list[_Entry], second: list[_Entry], rules: ValueRules) -> dict[str, float]:
    def same(a: _Entry, b: _Entry) -> bool:
        return len(a.value) == len(b.value) and all(
            same_value(x, y, rules) for x, y in zip(a.value, b.value, strict=True)
        )

    def gain(a: _Entry, b: _Entry) -> int:
        return same(a, b) + (a.unit == b.unit)

    pairs, *alone = paired(first, second, key=lambda entry: entry.name, gain=gain)
    everything = [*(a for a, _ in pairs), *alone[0], *alone[1]]
    hits = {
        "names": len(pairs),
        "values": sum(same(a, b) for a, b in pairs),
        "units": sum(a.unit is not None and a.unit == b.unit for a, b in pairs),
    }
    with_unit = sum(entry.unit is not None for entry in everything)
    totals = {"names": len(everything), "values": len(everything), "units": with_unit}
    hits["overall"], totals["overall"] = sum(hits.values()), sum(totals.values())
    return {kind: hits[kind] / total if total else 1.0 for kind, total in totals.items()}


def _mean(shares: list[float]) -> float | None:
    return math.fsum(shares) / len(shares) if shares else None
