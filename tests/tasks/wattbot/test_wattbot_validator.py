import pytest
from cases import each
from wattbot_samples import marks, prediction, question, summary

from modellab.tasks.wattbot.published import VERSIONS

VALIDATOR = VERSIONS["validator"]


@each(
    ("truth", "answer", "right"),
    [
        ("5", "5.004", True),
        ("5", "5.006", False),
        ("0", "0.001", False),
        ("0", "1e-10", True),
        ("5", "1,000", False),
        ("5", "five", False),
        ("five", "5", False),
        ("five  W", "Five W", True),
        ("[80,90]", "[80.0, 90]", True),
        ("[80,90]", "[90,80]", False),
        ("[80,90]", "85", False),
        ("[80,90]", "[80]", False),
        ("[1,0]", "[true,false]", True),
        ("[1," + "9" * 400 + "]", "5", False),
        ("is_blank", "5", False),
        ("is_blank", " IS_BLANK", True),
        ("is_blank", "n/a", False),
        ("5", "", False),
    ],
)
def test_values(truth, answer, right):
    assert marks(VALIDATOR, question(truth), prediction(answer))["value_correct"] == float(right)


@each(
    ("truth", "answer", "share"),
    [
        ("['a','b']", "a, B", 1.0),
        ("['a','b']", "[a]", 0.5),
        ("('a', 'b')", "{'a'}", 0.5),
        ("is_blank", "", 1.0),
        ("is_blank", "[]", 1.0),
        ("['a']", "is_blank", 0.0),
        ("a", "{[]}", 0.0),
        ("['\\d']", "['\\d']", 1.0),
    ],
)
def test_references(truth, answer, share):
    found = marks(VALIDATOR, question("5", truth), prediction("5", answer))["ref_score"]
    assert found == pytest.approx(share)


@pytest.mark.parametrize(
    ("truth", "value", "ref", "right"),
    [
        ("5", "is_blank", "x", 1.0),
        ("is_blank", "is_blank", "is_blank", 1.0),
        ("is_blank", "is_blank", "['a']", 0.0),
        ("is_blank", "5", "", 0.0),
    ],
)
def test_abstentions(truth, value, ref, right):
    assert marks(VALIDATOR, question(truth), prediction(value, ref))["na_correct"] == right


def test_na_recall_is_over_all_rows():
    found = summary(
        VALIDATOR,
        [
            (question("5", name="q1"), prediction("5", name="q1")),
            (question("5", name="q2"), prediction("6", name="q2")),
            (question("is_blank", "is_blank", name="q3"), prediction("7", name="q3")),
        ],
    )
    assert found["na_recall"].n_scored == 3
    assert found["na_recall"].value == pytest.approx(2 / 3)
    assert found["overall"].value == pytest.approx(0.75 / 3 + 0.15 * 2 / 3 + 0.10 * 2 / 3)
