import random

from hypothesis import given
from hypothesis import strategies as st

from modellab.tasks.extract.comparing import (
    FieldOutcome,
    FieldStatus,
    ItemRules,
    RecordRules,
    compare,
)
from modellab.tasks.extract.records import count_items, leaves
from modellab.tasks.extract.scorer import Tally, tally

LAB = RecordRules(
    items={"tests": ItemRules(name="test_name", value="value", unit="unit", group="panel")}
)
RECEIPT = RecordRules(
    items={
        "menu": ItemRules(name="nm", value="price"),
        "menu.sub": ItemRules(name="nm", value="price"),
    },
    numbers="grouping",
    units="optional",
)


def a_test(name, value, unit=None, panel="CBC"):
    return {"test_name": name, "value": value, "unit": unit, "panel": panel}


def counted(wanted, predicted, rules, **only):
    fields = compare(wanted, predicted, rules)
    kept = [f for f in fields if all(getattr(f, key) == value for key, value in only.items())]
    return tally(kept)


def test_each_field_has_one_outcome():
    wanted = {"lab": "North", "date": "2024-05-01", "tests": [a_test("HGB", "13.5", "g/dL")]}
    predicted = {"lab": "South", "doctor": "Who", "tests": [a_test("HGB", 13.5, "g/dL")]}
    assert compare(wanted, predicted, LAB) == [
        FieldOutcome("lab", "", "", False, FieldStatus.WRONG),
        FieldOutcome("date", "", "", False, FieldStatus.MISSING),
        FieldOutcome("tests.test_name", "CBC", "hgb", True, FieldStatus.CORRECT),
        FieldOutcome("tests.value", "CBC", "hgb", False, FieldStatus.CORRECT),
        FieldOutcome("tests.unit", "CBC", "hgb", False, FieldStatus.CORRECT),
        FieldOutcome("tests.panel", "CBC", "hgb", False, FieldStatus.CORRECT),
        FieldOutcome("doctor", "", "", False, FieldStatus.INVENTED),
    ]


def test_precision_recall_and_f1_by_hand():
    wanted = {"tests": [a_test("A", "1"), a_test("B", "2"), a_test("C", "3")]}
    predicted = {"tests": [a_test("A", "1"), a_test("B", "9"), a_test("X", "4"), a_test("Y", "5")]}
    names = counted(wanted, predicted, LAB, is_name=True)
    assert names == Tally(correct=2, missing=1, invented=2)
    assert (names.share("precision"), names.share("recall"), names.share("f1")) == (
        2 / 4,
        2 / 3,
        4 / 7,
    )
    values = counted(wanted, predicted, LAB, path="tests.value")
    assert values == Tally(correct=1, wrong=1, missing=1, invented=2)
    assert (
        values.share("precision"),
        values.share("recall"),
        values.share("f1"),
        values.share("accuracy"),
    ) == (
        1 / 4,
        1 / 3,
        2 / 7,
        1 / 2,
    )


def test_nothing_wanted_and_nothing_given_has_no_share():
    empty = tally(compare({}, {}, LAB))
    assert (
        empty.share("precision"),
        empty.share("recall"),
        empty.share("f1"),
        empty.share("accuracy"),
    ) == (None,) * 4


def test_equal_names_are_not_collapsed_and_paired_for_the_most_right_fields():
    wanted = {"tests": [a_test("GLU", "5.1"), a_test("GLU", "7.8"), a_test("GLU", "6.0")]}
    predicted = {"tests": [a_test("glu", "7.8"), a_test("Glu ", "5.1")]}
    assert counted(wanted, predicted, LAB, is_name=True) == Tally(correct=2, missing=1)
    assert counted(wanted, predicted, LAB, path="tests.value") == Tally(correct=2, missing=1)
    assert counted(
        wanted, {"tests": [*wanted["tests"], a_test("GLU", "1")]}, LAB, is_name=True
    ) == Tally(correct=3, invented=1)


def test_a_comparator_is_part_of_the_value():
    wanted = {"tests": [a_test("CRP", "<5", "mg/L")]}
    assert (
        counted(wanted, {"tests": [a_test("CRP", "5", "mg/L")]}, LAB, path="tests.value").wrong == 1
    )


def test_a_value_is_right_only_with_its_unit():
    wanted = {"tests": [a_test("HGB", "13.5", "g/dL")]}
    other = {"tests": [a_test("HGB", "13.5", "g/L")]}
    inline = {"tests": [a_test("HGB", "13.5 g/dL")]}
    assert counted(wanted, other, LAB, path="tests.value") == Tally(wrong=1)
    assert counted(wanted, other, LAB, path="tests.unit") == Tally(wrong=1)
    assert counted(wanted, inline, LAB, path="tests.value") == Tally(correct=1)
    assert counted(wanted, inline, LAB, path="tests.unit") == Tally(missing=1)


def test_one_object_is_a_list_of_one_also_below():
    item = {"nm": "TEA", "price": "5.000", "sub": {"nm": "ICE", "price": "0"}}
    listed = {"menu": [{**item, "sub": [item["sub"]]}]}
    for wanted, predicted in [
        ({"menu": item}, listed),
        (listed, {"menu": item}),
        ([listed], listed),
    ]:
        assert counted(wanted, predicted, RECEIPT) == Tally(correct=4)


def test_a_name_in_several_parts_is_one_name():
    wanted = {"menu": [{"nm": ["ICED", "TEA"], "price": "1"}, {"nm": "ICED", "price": "2"}]}
    predicted = {"menu": [{"nm": "ICED", "price": "2"}, {"nm": "Iced Tea", "price": "1"}]}
    assert counted(wanted, predicted, RECEIPT) == Tally(correct=4)


def test_a_list_of_values_is_compared_as_a_multiset():
    wanted = {"sub_total": {"subtotal_price": ["46.636", "46.636", "1"]}}
    predicted = {"sub_total": {"subtotal_price": ["46,636", "2"]}}
    assert counted(wanted, predicted, RECEIPT) == Tally(correct=1, wrong=1, missing=1)


def test_groups_are_the_panel_of_an_item_or_the_key_above():
    wanted = {"tests": [a_test("A", "1", panel="Lipids")], "patient": {"age": 40}, "lab": "North"}
    groups = {field.path: field.group for field in compare(wanted, {}, LAB)}
    assert groups == {
        "tests.test_name": "Lipids",
        "tests.value": "Lipids",
        "tests.panel": "Lipids",
        "patient.age": "patient",
        "lab": "",
    }


def test_a_group_of_the_item_above_holds_for_the_items_below():
    rules = RecordRules(
        items={
            "panels": ItemRules(name="panel", group="panel"),
            "panels.tests": ItemRules(name="name"),
        }
    )
    wanted = {"panels": [{"panel": "Lipids", "tests": [{"name": "LDL", "value": 3}]}]}
    assert {field.group for field in compare(wanted, {}, rules)} == {"Lipids"}


def test_null_and_empty_text_are_no_value():
    assert counted({"a": None, "b": ""}, {"c": None, "d": " ", "e": [None]}, LAB) == Tally()
    assert counted({"a": None}, {"a": "1"}, LAB) == Tally(invented=1)


def test_an_object_where_a_text_is_wanted_is_not_right():
    assert counted({"a": "1"}, {"a": {"value": "1"}}, LAB) == Tally(missing=1, invented=1)


def test_items_without_a_name_are_paired_for_the_most_right_fields():
    wanted = {"lines": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}
    predicted = {"lines": [{"a": 3, "b": 4}, {"a": 1, "b": 9}]}
    assert counted(wanted, predicted, LAB) == Tally(correct=3, wrong=1)


def test_items_and_leaves_are_counted():
    record = {
        "menu": [{"nm": "A", "sub": [{"nm": "B"}]}, {"nm": "C"}],
        "total": {"price": 1, "tax": None},
    }
    assert count_items(record) == 3
    assert list(leaves(record)) == [
        ("menu.nm", "A"),
        ("menu.sub.nm", "B"),
        ("menu.nm", "C"),
        ("total.price", 1),
    ]


TESTS = st.lists(
    st.builds(
        a_test,
        st.sampled_from("ABC"),
        st.sampled_from(["1", "2", "<1"]),
        st.sampled_from(["g", None]),
    ),
    max_size=5,
)


@given(TESTS)
def test_a_record_is_right_in_all_its_fields(tests):
    found = counted({"tests": tests}, {"tests": tests}, LAB)
    assert found == Tally(correct=found.wanted)


@given(TESTS, TESTS, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(wanted, predicted, order: random.Random):
    before = counted({"tests": wanted}, {"tests": predicted}, LAB)
    order.shuffle(wanted)
    order.shuffle(predicted)
    after = counted({"tests": wanted}, {"tests": predicted}, LAB)
    assert (before.correct, before.wanted, before.predicted) == (
        after.correct,
        after.wanted,
        after.predicted,
    )
    for name in after.shares():
        assert after.share(name) is None or 0 <= after.share(name) <= 1


@given(TESTS, TESTS)
def test_what_is_missing_one_way_is_invented_the_other(wanted, predicted):
    there = counted({"tests": wanted}, {"tests": predicted}, LAB)
    back = counted({"tests": predicted}, {"tests": wanted}, LAB)
    assert (there.correct, there.wanted, there.predicted) == (
        back.correct,
        back.predicted,
        back.wanted,
    )
