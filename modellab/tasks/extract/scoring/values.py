"""When two values are the same: numbers within a tolerance and with one unit, texts by spelling."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from modellab.core.options import Options
from modellab.core.values.digits import NumberStyle
from modellab.core.values.spelling import text_key
from modellab.core.values.unit_spelling import unit_key
from modellab.tasks.extract.record_parts import Scalar
from modellab.tasks.extract.scoring.numbers import Quantity, read_quantity


class ValueRules(Options):
    """When a value counts as right."""

    absolute: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="a number may be so far off"
    )
    relative: float = Field(
        0.0, ge=0, lt=1, description="... or by this share of the wanted number, whichever is more"
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
    first, second = (_quantity(value, rules) for value in (wanted, predicted))
    if first is None or second is None:
        return _text(wanted) == _text(predicted)
    return (
        first.comparator == second.comparator
        and _close(first.number, second.number, rules)
        and _same_units(_units(first, wanted_unit), _units(second, predicted_unit), rules)
    )


def _quantity(value: Scalar, rules: ValueRules) -> Quantity | None:
    return None if isinstance(value, bool) else read_quantity(value, rules.numbers)


def _text(value: Scalar) -> str:
    return text_key(str(value))


def _close(wanted: Decimal, predicted: Decimal, rules: ValueRules) -> bool:
    tolerance = max(Decimal(repr(rules.absolute)), Decimal(repr(rules.relative)) * abs(wanted))
    # without a tolerance all digits count; a difference would be rounded
    return wanted == predicted or (tolerance > 0 and abs(wanted - predicted) <= tolerance)


def _units(quantity: Quantity, beside: str) -> frozenset[str]:
    return frozenset(unit for unit in (quantity.unit, unit_key(beside)) if unit)


def _same_units(wanted: frozenset[str], predicted: frozenset[str], rules: ValueRules) -> bool:
    if rules.units == "optional" and not (wanted and predicted):
        return True
    return wanted == predicted
