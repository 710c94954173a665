import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.values.units import unit_key
from modellab.tasks.extract.values import ValueRules, same_value

STRICT = ValueRules()


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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
def test_a_unit_may_stand_beside_the_value(wanted, wanted_unit, predicted, predicted_unit, same):
    assert same_value(wanted, predicted, STRICT, wanted_unit, predicted_unit) is same


@pytest.mark.parametrize(
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
