"""Comparing values: texts, numbers within a tolerance and with units, ranges and lists."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from pydantic import Field, ValidationError

from modellab.core.options import Options
from modellab.core.text.blank import is_blank
from modellab.core.values.digits import NumberStyle
from modellab.core.values.reading import Interpretation, Quantity, ValueReader
from modellab.core.values.spelling import bare, text_key
from modellab.core.values.units import PERCENT, read_unit, same_unit

#: `tolerance` of a question whose answer is compared as text
AS_TEXT = "id"
_EXACT = "exact"


class Tolerance(Options):
    """The numeric tolerance."""

    relative: float = Field(
        1e-3, ge=0, lt=1, description="by this share of the larger of the two numbers"
    )
    absolute: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="... or by so much in the unit of the truth, whichever is more",
    )
    exact: tuple[Literal["years", "ids"], ...] = Field(
        ("years", "ids"),
        description="what has no tolerance: years (four digits from 1000 to 2999 without a unit), "
        "ids (whole numbers without a unit, such as invoice numbers and counts; their leading "
        "zeros count)",
    )


DEFAULT = Tolerance()


@dataclass(frozen=True)
class Rules:
    """How the values of a question are compared; `as_text`: by spelling only."""

    style: NumberStyle = "point"
    tolerance: Tolerance = DEFAULT
    as_text: bool = False


@dataclass(frozen=True)
class Written:
    """A value as in the file, and the unit in the column beside it (empty: none)."""

    text: str
    unit: str = ""


def read_tolerance(cell: str, otherwise: Tolerance) -> Tolerance | None:
    """Parse the cell `tolerance` of a question; a blank one is `otherwise`.

    `exact`, `5%` (relative), `0.5` (in the unit of the truth), or a map such as
    `{"relative": 0.05}`; None for `id`: compare as text. Raises ValueError for anything else.
    """
    text = cell.strip().lower().removeprefix("\u00b1").replace(" percent", "%").strip()
    if is_blank(text):
        return otherwise
    if text == AS_TEXT:
        return None
    if text == _EXACT:
        return Tolerance(relative=0.0, absolute=0.0)
    try:
        if text.startswith("{"):
            return Tolerance.model_validate({**otherwise.model_dump(), **json.loads(cell)})
        number = float(text.removesuffix("%").replace(",", "."))
        if text.endswith("%"):
            return Tolerance(relative=number / 100, exact=())
        return Tolerance(relative=0.0, absolute=number, exact=())
    except (ValidationError, ValueError, TypeError):
        raise ValueError(
            f"tolerance {cell.strip()!r}: write exact, id, 5% (of the number), 0.5 (in the "
            'truth\'s unit), or a map such as {"relative": 0.05, "exact": ["years"]}'
        ) from None


def same_value(truth: Written, given: Written, rules: Rules) -> bool:
    """Whether a given value matches the reference.

    Equal texts always match. Numbers match within the tolerance if their units are compatible;
    lists match item by item in any order; a range matches the list of its ends, and two ranges
    match in order (a score of 3-2 is not 2-3); `yes` is 1. A list never matches one of its items.
    """
    if bare(truth.text) == bare(given.text):
        return True
    reader = ValueReader(rules.style, read_unit(truth.unit), ids="ids" in rules.tolerance.exact)
    theirs = replace(reader, own=read_unit(given.unit), spelled_out=True)
    wanted, found = reader.read(truth.text), theirs.read(given.text)
    if wanted.exact == found.exact:
        return True
    if rules.as_text:
        return text_key(wanted.exact) == text_key(found.exact)
    return (
        _same(wanted, found, rules.tolerance)
        or _as_list(wanted, found, given.text, theirs, rules.tolerance)
        or _as_list(found, wanted, truth.text, reader, rules.tolerance)
        or _as_loose_lists(wanted, found, (reader, truth.text), (theirs, given.text), rules)
    )


def canonical(value: Written, style: NumberStyle = "point") -> str:
    """A canonical spelling of a value, to count votes by."""
    return _canonical(ValueReader(style, read_unit(value.unit)).read(value.text))


def _canonical(reading: Interpretation) -> str:
    if reading.items is not None:
        return json.dumps(sorted(map(_canonical, reading.items)), ensure_ascii=False)
    if reading.date is not None:
        return reading.date
    if reading.truth is not None:
        return str(int(reading.truth))
    if reading.quantities:
        # an ambiguous letter is a magnitude: 2B is two billion
        found = reading.quantities[-1]
        name = found.unit.name if found.unit.name != PERCENT else ""
        return " ".join(filter(None, (found.comparator, str(found.number), name)))
    return reading.key


def _same(truth: Interpretation, given: Interpretation, tolerance: Tolerance) -> bool:
    if truth.exact and truth.exact == given.exact:
        return True
    if truth.date is not None and given.date is not None:
        return truth.date == given.date
    if not (truth.structured and given.structured):
        return truth.key == given.key
    if truth.items and given.items and truth.spans and given.spans:
        return all(_same(*pair, tolerance) for pair in zip(truth.items, given.items, strict=True))
    if truth.items is not None or given.items is not None:
        return _same_items(truth.items, given.items, tolerance)
    if truth.truth is not None and given.truth is not None:
        return truth.truth == given.truth
    for said, number in ((truth.truth, given), (given.truth, truth)):
        if said is not None:
            # 1 and 0 without a unit are yes and no
            return any(
                one.number == int(said) and not (one.unit.name or one.comparator) and one.scale == 1
                for one in number.quantities
            )
    return any(
        same_quantity(one, other, tolerance)
        for one in truth.quantities
        for other in given.quantities
    )


def same_quantity(truth: Quantity, given: Quantity, tolerance: Tolerance) -> bool:
    """Whether two numbers have the same bound, compatible units, and values within tolerance."""
    if truth.comparator != given.comparator or not same_unit(truth.unit, given.unit):
        return False
    sides = ((truth, given), (given, truth))
    if any(_counts(one) and other.unit.name == PERCENT for one, other in sides):
        return False
    if truth.number == given.number or is_exact(truth, tolerance):
        return truth.number == given.number
    largest = max(abs(truth.number), abs(given.number))
    allowed = max(
        Fraction(repr(tolerance.relative)) * largest,
        Fraction(repr(tolerance.absolute)) * truth.scale,
    )
    return abs(truth.number - given.number) <= allowed


def _counts(quantity: Quantity) -> bool:
    """Whether a number is a count, which is never a share: 1 is not 100 %."""
    return quantity.count and (quantity.thing or not quantity.unit.name)


def is_exact(truth: Quantity, tolerance: Tolerance) -> bool:
    """Whether no tolerance applies: a year, or a whole number without a unit."""
    is_year = truth.year and truth.unit.name in ("", "year")
    return ("years" in tolerance.exact and is_year) or ("ids" in tolerance.exact and _counts(truth))


def _as_list(
    listed: Interpretation,
    other: Interpretation,
    text: str,
    reader: ValueReader,
    tolerance: Tolerance,
) -> bool:
    """Whether a text without brackets has the items of a list."""
    if listed.items is None or other.items is not None:
        return False
    return any(_same_items(listed.items, items, tolerance) for items in reader.loose_items(text))


def _as_loose_lists(
    truth: Interpretation,
    given: Interpretation,
    wanted: tuple[ValueReader, str],
    found: tuple[ValueReader, str],
    rules: Rules,
) -> bool:
    """Whether two texts without brackets are the same list: `red, green` is `green and red`.

    The order of numbers, such as `48.1, 16.3`, counts.
    """
    if truth.structured or given.structured:
        return False
    (reader, text), (theirs, said) = wanted, found
    lists = list(reader.loose_items(text))
    for others in theirs.loose_items(said, {len(items) for items in lists}):
        for items in (items for items in lists if len(items) == len(others)):
            if any(item.quantities for item in items):
                same = all(
                    _same(*pair, rules.tolerance) for pair in zip(items, others, strict=True)
                )
            else:
                same = _same_items(items, others, rules.tolerance)
            if same:
                return True
    return False


def _same_items(
    truth: tuple[Interpretation, ...] | None,
    given: tuple[Interpretation, ...] | None,
    tolerance: Tolerance,
) -> bool:
    """Whether there is a perfect matching between the items."""
    if truth is None or given is None or len(truth) != len(given):
        return False
    if not truth:
        return True
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    pairs = [[_same(one, other, tolerance) for other in given] for one in truth]
    return bool((maximum_bipartite_matching(csr_array(pairs)) >= 0).all())
