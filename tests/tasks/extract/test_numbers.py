from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.tasks.extract.values import read_quantity

NOT_AMBIGUOUS = {
    "1.500.000": "1500000",
    "1,500,000": "1500000",
    "1.500,25": "1500.25",
    "1,500.25": "1500.25",
    "1 200,50": "1200.50",
    "1\u00a0200,50": "1200.50",
    "1\u202f200": "1200",
    "1'200.50": "1200.50",
    "12,34,567": "1234567",
    "13,5": "13.5",
    "13.50": "13.5",
    "0,125": "0.125",
    "0.125": "0.125",
    "1234,567": "1234.567",
    ".5": "0.5",
    "5.": "5",
    "1e3": "1000",
    "-60": "-60",
    "\u221260": "-60",
    "- 60": "-60",
    "60-": "-60",
    "Rp -60": "-60",
    "-Rp 60": "-60",
    "+7": "7",
    "(0)": "0",
    "[145]": "145",
}


@pytest.mark.parametrize("style", ["point", "comma", "grouping"])
@pytest.mark.parametrize(("text", "number"), NOT_AMBIGUOUS.items())
def test_what_is_not_ambiguous_is_the_same_in_every_style(text, number, style):
    assert read_quantity(text, style).number == Decimal(number)


@pytest.mark.parametrize(
    ("text", "point", "comma", "grouping"),
    [
        ("1,200", "1200", "1.2", "1200"),
        ("1.200", "1.2", "1200", "1200"),
        ("-60.000", "-60", "-60000", "-60000"),
        ("Rp.118.000", "118", "118000", "118000"),
    ],
)
def test_the_style_decides_one_mark_before_three_digits(text, point, comma, grouping):
    read = [read_quantity(text, style).number for style in ("point", "comma", "grouping")]
    assert read == [Decimal(point), Decimal(comma), Decimal(grouping)]


@pytest.mark.parametrize(
    ("text", "comparator"),
    [("<5", "<"), ("< 5", "<"), ("less than 5", "<"), ("\u2264 5", "<="), ("at most 5", "<="),
     (">5", ">"), (">=5", ">="), ("~5", "~"), ("5", "")],
)  # fmt: skip
def test_comparators_are_kept(text, comparator):
    quantity = read_quantity(text)
    assert (quantity.comparator, quantity.number) == (comparator, 5)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("13.5 g/dL", "g/dl"),
        ("0%", "%"),
        ("Rp 38", "rp"),
        ("4.5 x10^9/L", "10^9/l"),
        ("5 /uL", "/\u03bcl"),
        ("@5", ""),
    ],
)
def test_a_unit_may_stand_with_the_number(text, unit):
    assert read_quantity(text).unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "2024-05-12",
        "12/05/2024",
        "3.5-5.0",
        "120/80",
        "1.2.3",
        "1,2,3",
        "0571-1854",
        "--5",
        "1 2",
    ],
)
def test_dates_ranges_and_lists_are_no_numbers(text):
    assert read_quantity(text) is None


def test_a_json_number_is_read_as_it_is_in_every_style():
    assert read_quantity(43.636, "comma").number == Decimal("43.636")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    read_quantity(text, "grouping")


@given(st.integers(-(10**12), 10**12))
def test_a_grouped_whole_number_is_itself(number):
    for grouped in (
        f"{number:,}",
        f"{number:,}".replace(",", "."),
        f"{number:,}".replace(",", " "),
    ):
        assert read_quantity(grouped, "grouping").number == number
