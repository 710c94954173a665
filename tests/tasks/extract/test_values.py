from decimal import Decimal

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.values.units import unit_key
from modellab.tasks.extract.comparing import ValueRules, read_quantity, same_value

STRICT = ValueRules()


@each(
    ("wanted", "predicted", "same"),
    [
        ("5", "<5", False),
        ("<5", "<5", True),
        ("<5", "< 5.0", True),
        ("<5", "\u22645", False),
        ("13.5", 13.5, True),
        ("13.5", 13.6, False),
        ("-60", "60", False),
        ("5", "5%", False),
        ("13.5 g/dL", "13.5 G/DL", True),
        ("1,200", "1200", True),
        ("Positive", " positive ", True),
        ("3.5 - 5.0", "3.5\u20135.0", True),
        ("3.5-5.0", "3.5-5.1", False),
        ("2024-05-12", "12.05.2024", False),
        (True, "true", True),
        (True, 1, False),
        ("12345678901234567890123456789012345", "12345678901234567890123456789012346", False),
    ],
)
def test_values_without_tolerance(wanted, predicted, same):
    assert same_value(wanted, predicted, STRICT) is same


@each(
    ("rules", "wanted", "predicted", "same"),
    [
        (ValueRules(relative=0.05), "100", "105", True),
        (ValueRules(relative=0.05), "100", "105.01", False),
        (ValueRules(relative=0.05), "100", "95", True),
        (ValueRules(relative=0.05), "0", "0.001", False),
        (ValueRules(absolute=0.1), "0", "0.1", True),
        (ValueRules(absolute=0.1), "0", "0.11", False),
        (ValueRules(absolute=3, relative=0.01), "100", "103", True),
        (ValueRules(relative=0.5), "<5", "5", False),
        (ValueRules(numbers="grouping"), "Rp 38.000", "Rp38000", True),
        (ValueRules(numbers="grouping", units="optional"), "Rp 38.000", "38,000", True),
        (ValueRules(numbers="grouping"), "Rp 38.000", "38,000", False),
        (ValueRules(units="optional"), "38 g", "38 kg", False),
        # a rest that holds another number is no unit: an answer that hedges is wrong
        (ValueRules(units="optional"), "60,000", "60,000 or 70,000", False),
        (ValueRules(units="optional"), "60,000", "60,000 TOTAL 75,000", False),
        (ValueRules(units="optional"), "60", "60 or seventy", False),
        (ValueRules(units="optional"), "2", "2 of 5", False),
        (ValueRules(units="optional"), "12", "12h30", False),
        (ValueRules(units="optional"), "5", "5 m2", True),
        (ValueRules(units="optional"), "4.5", "4.5 x10^9/L", True),
        (ValueRules(units="optional"), "90", "90 mL/min/1.73m2", True),
        (ValueRules(units="optional"), "4.3", "4.3 tCO2e", True),
    ],
)
def test_values_with_stated_rules(rules, wanted, predicted, same):
    assert same_value(wanted, predicted, rules) is same


@each(
    ("wanted", "wanted_unit", "predicted", "predicted_unit", "same"),
    [
        ("13.5", "g/dL", "13.5", "g/dl", True),
        ("13.5", "g/dL", "13.5 g/dL", "", True),
        ("13.5", "g/dL", "13.5", "", False),
        ("13.5", "g/dL", "13.5", "g/L", False),
        ("13.5", "g/dL", "13.5 g/L", "g/dL", False),
        ("Negative", "", "negative", "", True),
    ],
)
def test_a_unit_may_be_in_its_own_field(wanted, wanted_unit, predicted, predicted_unit, same):
    assert same_value(wanted, predicted, STRICT, wanted_unit, predicted_unit) is same


@each(
    ("first", "second", "same"),
    [
        ("x10^9/L", "10\u2079/L", True),
        ("10*9/L", "10E9/l", True),
        ("\u00b5g/dL", "ug/dL", True),
        ("mcg/dL", "\u03bcg/dL", True),
        ("mg per dL", "mg/dL", True),
        ("mL/min/1.73m2", "mL/min/1.73 m\u00b2", True),
        ("U/L", "\u00b5/L", False),
        ("mmol/L", "\u00b5mol/L", False),
        ("g/L", "g/dL", False),
        ("mg", "g", False),
        ("1.5 x", "15 x", False),
    ],
)
def test_units_are_compared_by_spelling(first, second, same):
    assert (unit_key(first) == unit_key(second)) is same


SCALARS = st.one_of(
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


@given(SCALARS)
def test_a_value_is_itself(value):
    assert same_value(value, value, STRICT)


@given(SCALARS, SCALARS)
def test_without_a_relative_tolerance_the_order_does_not_matter(first, second):
    assert same_value(first, second, STRICT) == same_value(second, first, STRICT)


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


@each("style", ["point", "comma", "grouping"])
@each(("text", "number"), NOT_AMBIGUOUS.items())
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


@each(
    ("text", "comparator"),
    [("<5", "<"), ("< 5", "<"), ("less than 5", "<"), ("\u2264 5", "<="), ("at most 5", "<="),
     (">5", ">"), (">=5", ">="), ("~5", "~"), ("5", "")],
)  # fmt: skip
def test_comparators_are_kept(text, comparator):
    quantity = read_quantity(text)
    assert (quantity.comparator, quantity.number) == (comparator, 5)


@each(
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
def test_a_unit_may_follow_the_number(text, unit):
    assert read_quantity(text).unit == unit


@each(
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
