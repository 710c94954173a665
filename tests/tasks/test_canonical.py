from __future__ import annotations

import pytest
from cases import each

from modellab.tasks import canonical_answer

WATTBOT = canonical_answer("wattbot")


def value(text: str) -> dict[str, str]:
    return {"answer_value": text}


@each(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1,438", "1438"),
        ("2B", "2000000000"),
        ("~5", "5"),
        ("True", "1"),
        ("80-90", "[90, 80]"),
        (" GPT-3", "gpt-3 "),
        ("N/A", "is_blank"),
    ],
)
def test_values_that_mean_the_same_are_one_vote(one, other):
    assert WATTBOT.of(value(one)) == WATTBOT.of(value(other))


@pytest.mark.parametrize(("one", "other"), [("5", "5%"), ("1", "2"), ("[1,2]", "1"), ("none", "")])
def test_other_values_are_other_votes(one, other):
    assert WATTBOT.of(value(one)) != WATTBOT.of(value(other))


@each(
    ("cell", "ids"),
    [
        ('["b", "a"]', {"a", "b"}),
        ("['a']", {"a"}),
        ("a,b", {"a,b"}),
        ("12", {"12"}),
        ("is_blank", set()),
        ("[]", set()),
        ("", set()),
        ('["is_blank", "a"]', {"is_blank", "a"}),
    ],
)
def test_references_of_a_cell(cell, ids):
    assert WATTBOT.references({"ref_id": cell}) == ids


def test_references_are_written_in_order():
    assert WATTBOT.with_references({}, ["b", "a"]) == {"ref_id": '["a", "b"]'}
    assert WATTBOT.with_references({}, []) == {"ref_id": "is_blank"}


def test_records_are_equal_whatever_the_order_of_keys():
    canonical = canonical_answer("extract")
    one, other = {"record": '{"a": 1, "b": 2}'}, {"record": '{"b": 2, "a": 1}'}
    assert canonical.of(one) == canonical.of(other)
    assert canonical.of({"record": "{broken"}) == "{broken"


def test_labels_and_texts_are_compared_without_case():
    assert canonical_answer("label").of({"label": " Good"}) == "good"
    assert canonical_answer("open_qa").of({"answer": "The  Grid."}) == "the grid"
