from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.tasks.extract.comparing import ItemRules, RecordRules
from modellab.tasks.extract.consistency import extraction_consistency

LAB = RecordRules(items={"tests": ItemRules(name="name", value="value", unit="unit")})
RECEIPT = RecordRules(items={"menu": ItemRules(name="nm", value="price")})


def record(*tests):
    return {"tests": [{"name": n, "value": v, "unit": u} for n, v, u in tests]}


def test_two_repeats_by_hand():
    first = record(("HGB", "100", "g/L"), ("WBC", "5", "10^9/L"))
    second = record(("hgb", "101", "G/L"), ("PLT", "200", "10^9/L"))
    found = extraction_consistency([first, second], LAB)
    assert (found.names, found.values, found.units) == (1 / 3, 1 / 3, 1 / 3)
    assert (found.overall, found.repeats, found.pairs, found.n_failed) == (3 / 9, 2, 1, 0)


@each(
    ("first", "second", "agreement"),
    [("100", "101", 1), ("100", "101.1", 0), ("0", "0.001", 0), ("0", "0", 1), ("<5", "5", 0),
     ("Positive", "positive", 1), ("Positive", "negative", 0), (None, None, 1), (None, "1", 0)],
)  # fmt: skip
def test_values_agree_within_one_percent_of_the_earlier_repeat(first, second, agreement):
    found = extraction_consistency([record(("A", first, "g")), record(("A", second, "g"))], LAB)
    assert (found.names, found.values, found.units) == (1, agreement, 1)


def test_equal_names_are_not_collapsed():
    twice, once = record(("A", "1", "g"), ("A", "2", "g")), record(("A", "2", "g"))
    assert extraction_consistency([twice, once], LAB).overall == 1 / 2


def test_empty_records_agree_and_one_empty_does_not():
    assert extraction_consistency([record(), record()], LAB).overall == 1.0
    assert extraction_consistency([record(), record(("A", "1", "g"))], LAB).overall == 0.0


def test_three_repeats_make_three_pairs_and_a_missing_one_is_counted():
    a, b = record(("A", "1", "g")), record(("B", "1", "g"))
    found = extraction_consistency([a, None, a, b], LAB)
    assert (found.overall, found.repeats, found.pairs, found.n_failed) == (1 / 3, 3, 3, 1)


def test_one_repeat_says_nothing():
    found = extraction_consistency([record(("A", "1", "g"))], LAB)
    assert (found.names, found.values, found.units, found.overall) == (None,) * 4


def test_without_units_there_are_two_checks_and_single_fields_count_too():
    first = {"menu": [{"nm": "TEA", "price": "5"}], "total": {"price": "5"}}
    second = {"menu": {"nm": "TEA", "price": "5"}, "total": {"price": "6"}}
    found = extraction_consistency([first, second], RECEIPT)
    assert (found.names, found.values, found.units, found.overall) == (1.0, 1 / 2, None, 3 / 4)


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["1", "2"]), st.sampled_from(["g", None]))
    )
)
def test_a_record_agrees_with_itself(tests):
    assert extraction_consistency([record(*tests)] * 2, LAB).overall == 1.0
