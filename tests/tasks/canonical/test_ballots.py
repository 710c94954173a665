from __future__ import annotations

import pytest

from modellab.tasks import TASKS
from modellab.tasks.canonical import BALLOTS
from modellab.tasks.wattbot.canonical import WattBotBallot

BALLOT = WattBotBallot()


def value(text: str) -> dict[str, str]:
    return {"answer_value": text}


def test_every_task_has_a_ballot():
    assert set(BALLOTS) == set(TASKS)


@pytest.mark.parametrize(
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
    assert BALLOT.normalised(value(one)) == BALLOT.normalised(value(other))


@pytest.mark.parametrize(("one", "other"), [("5", "5%"), ("1", "2"), ("[1,2]", "1"), ("none", "")])
def test_other_values_are_other_votes(one, other):
    assert BALLOT.normalised(value(one)) != BALLOT.normalised(value(other))


@pytest.mark.parametrize(
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
    assert BALLOT.references({"ref_id": cell}) == ids


def test_references_are_written_in_order():
    assert BALLOT.with_references({}, ["b", "a"]) == {"ref_id": '["a", "b"]'}
    assert BALLOT.with_references({}, []) == {"ref_id": "is_blank"}


def test_records_are_equal_whatever_the_order_of_keys():
    ballot = BALLOTS["extract"]
    one, other = {"record": '{"a": 1, "b": 2}'}, {"record": '{"b": 2, "a": 1}'}
    assert ballot.normalised(one) == ballot.normalised(other)
    assert ballot.normalised({"record": "{broken"}) == "{broken"


def test_labels_and_texts_are_compared_without_case():
    assert BALLOTS["label"].normalised({"label": " Good"}) == "good"
    assert BALLOTS["open_qa"].normalised({"answer": "The  Grid."}) == "the grid"
