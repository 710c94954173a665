"""The published rules: the tables below were made by running the original scorers."""

import pytest
from cases import each
from wattbot_samples import marks, prediction, question

from modellab.tasks.wattbot.published import VERSIONS

V1, V2, V3 = (VERSIONS[name] for name in ("v1", "v2", "v3"))
SENTENCE = "Unable to answer with confidence based on the provided documents."

# truth, answer, right under v1, v2, v3
VALUES = [
    ("4.3", "4.304", True, True, True),
    ("4.3", "4.305", False, False, False),
    ("1000", "1001", True, True, True),
    ("1000", "1001.1", False, False, False),
    ("0", "0.001", True, True, True),
    ("0.0005", "0.001", True, True, True),
    ("0.0005", "0.0016", False, False, False),
    ("[80,90]", "85", True, True, True),
    ("[80,90]", "90.001", True, True, True),
    ("[80,90]", "90.0011", False, False, False),
    ("[90,80]", "85", True, True, True),
    ("[80,90]", "[90,80]", True, True, True),
    ("[80,90]", "[80]", False, False, False),
    ("[80,90]", "['80', '90']", True, True, True),
    ("[80,90]", "80-90", False, True, True),
    ("[80,90]", "from 90 to 80", False, True, True),
    ("[80,90]", "80 \u2013 90", False, True, True),
    ("[1,2,3]", "2", False, False, False),
    ("[a,b]", "a", False, False, False),
    ("85", "[80,90]", False, False, False),
    ("[0.06,3,426]", "[0.06,3426]", False, False, False),
    ("[0.06,3,426]", "[0.06,3,426]", True, True, True),
    ("Water consumption", "water consumption ", True, True, True),
    ("Water consumption", "water  consumption", False, False, False),
    ("GPT-3", "GPT 3", False, False, False),
    ("{a,b}", "{b, a}", True, True, True),
    ("{a,b}", "[b, a]", True, True, True),
    ("{1,2}", "[1,2]", False, False, False),
    ("1", "TRUE", False, False, True),
    ("1", "True", False, False, True),
    ("1", "yes", False, False, True),
    ("0", "No", False, False, True),
    ("True", "1", False, False, False),
    ("True", "TRUE", True, True, False),
    ("2000000000", "2B", False, True, True),
    ("1500", "1.5 k", False, True, True),
    ("5000", "5\u212a", False, False, False),
    ("1438", "1,438", False, True, True),
    ("1438", "1_438", True, True, True),
    ("5", "~5", False, True, True),
    ("5000", "more than 5,000", False, True, True),
    ("5", "5%", False, False, False),
    ("5", "is_blank", False, False, False),
    ("5", "", False, False, False),
    ("1e3", "1000", True, True, True),
    ("inf", "inf", True, True, True),
    ("nan", "nan", False, False, False),
    ("x", "9" * 400 + "k", False, False, False),
    ("x", "9" * 400 + "-1", False, False, False),
    ("x", "1.2.3-4", False, False, False),
    ("is_blank", "5", True, True, True),
]
NA_MARKS = [
    ("5", "is_blank", True),
    ("5", "6", True),
    ("is_blank", "5", False),
    ("is_blank", "is_blank", True),
    ("NA", "n/a", True),
    ("is_blank", "", True),
    ("is_blank", SENTENCE, True),
    ("is_blank", "nan", False),
    ("is_blank", "None", False),
    ("is_blank", "null", False),
    ("is_blank", "unable to answer", False),
]
REFERENCES = [
    ("['a']", "['A']", 1.0),
    ("['a','b']", "['a']", 0.5),
    ("['a','b']", '["a", "b"]', 1.0),
    ("a", "['a']", 1.0),
    ("['a']", "a,b", 0.0),
    ("['a']", "['a','a']", 1.0),
    ("['a']", "[a]", 0.0),
    ("['a','b','c']", "['b','c','d']", 0.5),
    ("is_blank", "is_blank", 1.0),
    ("is_blank", "['is_blank']", 1.0),
    ("is_blank", "", 0.0),
    ("is_blank", "[]", 0.0),
    ("", "", 1.0),
    ("", "[]", 1.0),
    ("nan", "is_blank", 0.0),
]


def test_versions_have_their_names():
    assert all(scorer.name == name for name, scorer in VERSIONS.items())


@each(("truth", "answer", "v1", "v2", "v3"), VALUES)
def test_values(truth, answer, v1, v2, v3):
    found = [
        marks(scorer, question(truth), prediction(answer))["value_correct"] == 1.0
        for scorer in (V1, V2, V3)
    ]
    assert found == [v1, v2, v3]


@each("scorer", [V1, V2, V3])
@each(("truth", "answer", "right"), NA_MARKS)
def test_abstentions(scorer, truth, answer, right):
    assert marks(scorer, question(truth), prediction(answer))["na_correct"] == float(right)


@each("scorer", [V1, V2, V3])
@each(("truth", "answer", "share"), REFERENCES)
def test_references(scorer, truth, answer, share):
    found = marks(scorer, question("5", truth), prediction("5", answer))["ref_score"]
    assert found == pytest.approx(share)


@pytest.mark.parametrize(
    ("truth", "answer", "right"), [("kWh", " KWH ", 1.0), ("kWh", "MWh", 0.0), ("", "", 1.0)]
)
def test_units_are_marked_without_any_weight(truth, answer, right):
    found = marks(V3, question("5", unit=truth), prediction("5", unit=answer))
    assert found["unit_correct"] == right
    assert found["weighted"] == pytest.approx(1.0)


def test_a_truth_without_units_has_no_unit_mark():
    asked = question("5")
    truth = {name: cell for name, cell in asked.reference.items() if name != "answer_unit"}
    asked = type(asked)(asked.id, asked.text, {}, truth, ())
    assert marks(V3, asked, prediction("5"))["unit_correct"] is None
