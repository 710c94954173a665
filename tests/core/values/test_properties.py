"""Properties of parsing and comparing values, over generated ones."""

from decimal import Decimal
from fractions import Fraction

import pytest
from cases import each
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modellab.core.values.comparing import Rules, Tolerance, Written, same_value
from modellab.core.values.digits import decimal_mark, read_number

EXACT = Tolerance(relative=0.0, absolute=0.0)
STYLES = st.sampled_from(["point", "comma"])
UNITS = st.sampled_from(["", "is_blank", "%", "kWh", "million USD", "papers"])
#: parts of which texts are made that come near to being values
PIECES = st.sampled_from(
    [*"0123456789.,-+%$()[]{}'\"/~<> ", " to ", "million", "kWh", "e5", "\u00bd", "\u00b1", "and ",
     "\u2013", "yes", "a", "1,234", "between ", "\u0663", "\n", ";", "^", "x 10^", "half"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join))
WITHOUT_UNITS = st.lists(
    PIECES.filter(lambda piece: not any(map(str.isalpha, piece))), max_size=12
).map("".join)
NUMBERS = st.decimals(
    min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=2, allow_nan=False
)


def same(truth, given_value, rules=Rules(), unit=""):  # noqa: B008 - a frozen default
    return same_value(Written(truth, unit), Written(given_value, unit), rules)


@settings(deadline=None)
@given(TEXTS, STYLES, UNITS)
@example("nan", "point", "")
@example("['A", "comma", "%")
def test_equal_text_is_the_same_value_whatever_it_is(text, style, unit):
    assert same(text, text, Rules(style), unit)


@settings(deadline=None)
@given(WITHOUT_UNITS, WITHOUT_UNITS, STYLES)
def test_without_a_tolerance_it_does_not_matter_which_side_is_the_truth(one, other, style):
    """But for units: an answer may leave out that of the truth, and add none."""
    rules = Rules(style, EXACT)
    assert same(one, other, rules) == same(other, one, rules)


def grouped(number, group, mark, size=3):
    """A number with groups of digits, as people write it."""
    whole, _, fraction = f"{abs(number):.2f}".partition(".")
    parts = []
    while whole:
        parts.insert(0, whole[-size:])
        whole = whole[:-size]
    return ("-" if number < 0 else "") + group.join(parts) + mark + fraction


NOTATIONS = {
    "plain": lambda n: f"{n:.2f}",
    "English": lambda n: grouped(n, ",", "."),
    "German": lambda n: grouped(n, ".", ","),
    "French": lambda n: grouped(n, "\u202f", ","),
    "Swiss": lambda n: grouped(n, "\u2019", "."),
    "power": lambda n: f"{n:.12e}",
    "power of ten": lambda n: f"{n.scaleb(-3):f} \u00d7 10\u00b3",
    "minus sign": lambda n: f"{n:.2f}".replace("-", "\u2212"),
    "full width": lambda n: f"{n:.2f}".translate({48 + i: 0xFF10 + i for i in range(10)}),
    "Arabic": lambda n: f"{n:.2f}".translate({48 + i: 0x660 + i for i in range(10)}),
    "thousands": lambda n: f"{n.scaleb(-3):f} thousand",
    "millions": lambda n: f"{n.scaleb(-6):f}M",
    "percent": lambda n: f"{n.scaleb(2)} %",
    "quoted": lambda n: f'"{n:.2f}".',
    "bold": lambda n: f"**{n:.2f}**",
    "about": lambda n: f"~ {n:.2f}",
}


@pytest.mark.parametrize("notation", NOTATIONS)
@settings(deadline=None)
@given(number=NUMBERS, style=STYLES)
def test_a_number_is_itself_in_every_notation(notation, number, style):
    written = NOTATIONS[notation](number)
    # all numbers have two decimals, so that none of their marks is ambiguous but in a magnitude
    rules = Rules(
        "point" if notation in ("thousands", "millions", "power of ten") else style, EXACT
    )
    assert same(f"{number:.2f}", written, rules)


@pytest.mark.parametrize("notation", NOTATIONS)
@settings(deadline=None)
@given(number=NUMBERS, data=st.data())
def test_a_changed_digit_is_never_the_same(notation, number, data):
    written = NOTATIONS[notation](number)
    places = [i for i, sign in enumerate(written) if sign.isdecimal()]
    # a changed power of zero is no other number
    end = written.find({"power": "e", "power of ten": "\u00d7"}.get(notation, "\0"))
    places = [i for i in places if end < 0 or i < end]
    place = data.draw(st.sampled_from(places))
    old = int(written[place])
    new = data.draw(st.integers(0, 9).filter(lambda digit: digit != old))
    first = ord(written[place]) - old
    changed = written[:place] + chr(first + new) + written[place + 1 :]
    assert not same(f"{number:.2f}", changed, Rules("point", EXACT))


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from(
    ["{}-{}", "{} \u2013 {}", "{} to {}", "from {} to {}", "between {} and {}", "[{}, {}]"]
))  # fmt: skip
def test_a_range_is_the_list_of_its_ends_and_no_single_number(low, high, notation):
    written = notation.format(low, high)
    assert same(f"[{low},{high}]", written)
    assert not same(f"[{low},{high}]", str(low))
    assert not same(str(low), written)
    assert not same(f"[{low},{high + 1}]", written)


@settings(deadline=None)
@given(
    st.lists(st.from_regex(r"[A-Za-z][a-z' ]{0,8}[a-z]", fullmatch=True), min_size=2, max_size=6)
)
def test_a_list_is_the_same_in_any_order_and_however_it_is_quoted(items):
    import json

    wanted = repr(items)
    assert same(wanted, json.dumps(items[::-1]))
    assert not same(wanted, json.dumps(items[:-1])) or len(items) == 2
    assert not same(wanted, json.dumps([*items, "Zz"]))


@settings(deadline=None)
@given(st.integers(10**6, 10**12), st.integers(1, 999))
def test_whole_numbers_without_a_unit_have_no_tolerance(number, more):
    assert not same(str(number), str(number + more))
    assert same(str(number), str(number + number // 2000), unit="W")


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(1, 99))
def test_a_decimal_comma_is_never_read_as_a_group(whole, part):
    text = f"{whole},{part:02d}"
    for style in ("point", "comma"):
        assert Fraction(read_number(text, style)) == whole + Fraction(part, 100)
    assert not same(f"{whole}{part:02d}", text)


@each(
    ("column", "mark"),
    [
        ([], "point"), (["1,234", "5"], "point"), (["1,5"], "comma"), (["1,5", "1.234"], "comma"),
        (["0,125"], "comma"), (["1.234,5"], "comma"), (["1.234.567"], "comma"), (["12,5 kWh"], "comma"),
        (["1,5", "1.5"], "point"), (["1,234,567"], "point"), (["[1,5]", "[80,90]"], "point"), (["[1,5; 2]"], "comma"), (["GPT-3"], "point"),
    ],
)  # fmt: skip
def test_the_column_shows_its_decimal_mark(column, mark):
    assert decimal_mark(column) == mark
