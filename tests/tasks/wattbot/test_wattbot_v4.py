"""The newest rules: the score of a row, and the effect of options."""

from dataclasses import replace

import pytest
from cases import each
from pydantic import ValidationError
from wattbot_samples import FAILURES, failure, marks, prediction, question

from modellab.core.registry import kinds
from modellab.tasks import default_scorer, parse_scorer, parse_task, scorers
from modellab.tasks.scorer import Material

TASK = parse_task("wattbot")


def scorer(*truths, **options):
    asked = [question(value, name=f"q{n}") for n, value in enumerate(truths)]
    return parse_scorer({"kind": "v4", **options}).make(TASK, Material(asked, ()))


V4 = scorer()


def value(truth, answer, rules=V4, **cells):
    return marks(rules, truth, prediction(answer, **cells))["value_correct"]


def asked(value, **changes):
    return replace(TASK.prepared(question(value, unit="is_blank")), **changes)


def test_it_is_the_default():
    assert default_scorer("wattbot").make(TASK, Material((), ())).name == "v4"
    found = [kind for options in scorers("wattbot") for kind in kinds(options)]
    assert found == ["v4", "v1", "v2", "v3", "validator"]


def test_an_unanswerable_question_has_one_right_value():
    unanswerable = asked("is_blank")
    invented, silent = prediction("5", ref="['a']"), prediction("n/a", ref="is_blank")
    assert marks(V4, unanswerable, silent) == {
        "value_correct": 1, "unit_correct": 0, "ref_score": 0, "na_correct": 1,
        "weighted": pytest.approx(0.85),
    }  # fmt: skip
    found = marks(V4, unanswerable, invented)
    assert (found["value_correct"], found["na_correct"]) == (0, 0)
    assert found["weighted"] == pytest.approx(0.15)


def test_to_abstain_is_no_answer_where_there_is_one():
    found = marks(V4, asked("5"), prediction("is_blank", ref="[]"))
    assert (found["value_correct"], found["na_correct"], found["ref_score"]) == (0, 1, 0)


@pytest.mark.parametrize("status", FAILURES)
def test_what_is_no_answer_is_worth_nothing(status):
    assert set(marks(V4, asked("is_blank"), failure(status)).values()) == {0.0}


def test_the_components_are_the_published_ones():
    """Four rows: right, wrong, a right abstention, an invention; each with its references."""
    pairs = [
        (question("5", name="a"), prediction("5.0", name="a")),
        (question("5", name="b"), prediction("6", name="b")),
        (question("is_blank", "is_blank", name="c"), prediction("is_blank", "[]", name="c")),
        (question("is_blank", "is_blank", name="d"), prediction("7", "['x']", name="d")),
    ]
    pairs = [(TASK.prepared(one), other) for one, other in pairs]
    rows = [V4.score(one, other) for one, other in pairs]
    found = V4.summarize({one.id: one for one, _ in pairs}, rows)
    assert [found[name].value for name in ("value_accuracy", "ref_overlap", "na_recall")] == [
        0.5, 0.75, 0.5,
    ]  # fmt: skip
    assert found["overall"].value == pytest.approx(0.75 * 0.5 + 0.15 * 0.75 + 0.10 * 0.5)
    assert (found["na_recall"].n_scored, found["overall"].n_scored) == (2, 4)


@each(
    ("truth", "given", "score"),
    [
        ("""["Moody's 10-K, 2022"]""", """["Moody's 10-K, 2022"]""", 1),
        ("""["Moody's 10-K, 2022"]""", """['Moody\\'s 10-K, 2022']""", 1),
        ("Moody's 10-K, 2022", """["Moody's 10-K, 2022"]""", 1),
        ("""['guide C#8', "Moody's 10-K, 2022"]""", "guide C#8", 0.5),
        ("['Moody's 10-K, 2022', 'b']", """["moody\u2019s 10-k, 2022"]""", 0.5),
        ("['a']", "[a]", 1), ("['a','b']", "[b, a]", 1), ("['a']", '["a", "is_blank"]', 1),
        ("is_blank", "[]", 1), ("is_blank", "", 1), ("is_blank", "is_blank", 1), ("is_blank", "['a']", 0),
        ("['a']", "is_blank", 0), ("['a', 'b']", "['a', 'c']", 1 / 3), ("[2019]", "['2019']", 1),
        ("[draft] plan", "[draft] plan", 1),
    ],
)  # fmt: skip
def test_ids_are_read_as_lists(truth, given, score):
    one = replace(question("5", truth))
    assert marks(V4, one, prediction("5", given))["ref_score"] == pytest.approx(score)


def test_without_ids_in_the_truth_the_references_of_the_question_count():
    one = question("5")
    bare = replace(one, reference={"answer_value": "5"}, references=("A", "b"))
    assert marks(V4, bare, prediction("5", "['a']"))["ref_score"] == 0.5


def test_further_right_answers_are_right():
    one = asked("NYC", other_answers=("New York", "5"))
    assert [value(one, given) for given in ("new york.", "5.0", "nyc", "Boston")] == [1, 1, 1, 0]


def test_a_unit_is_the_same_in_other_words():
    for given, same in (("kWh", 1), ("kilowatt-hours", 1), ("KWH", 1), ("kW", 0), ("is_blank", 0)):
        assert marks(V4, question("5"), prediction("5", unit=given))["unit_correct"] == same


def test_the_unit_of_the_question_is_taken_where_the_truth_has_none():
    one = replace(asked("12"), reference={"answer_value": "12"}, inputs={"answer_unit": "%"})
    assert value(one, "12 %") == 1
    assert marks(V4, one, prediction("12"))["unit_correct"] is None


@each(
    ("column", "locale", "english", "german"),
    [
        ((), "auto", 1, 0), (("2.5",), "auto", 1, 0), (("2,5",), "auto", 0, 1), (("2,5", "2.5"), "auto", 1, 0),
        (("2,5",), "en", 1, 0), ((), "de", 0, 1), ((), "de-DE", 0, 1), ((), "de_CH", 1, 0), ((), "fr", 0, 1),
    ],
)  # fmt: skip
def test_locale_or_column_decide_what_may_be_read_in_two_ways(column, locale, english, german):
    rules = scorer(*column, locale=locale)
    one = asked("1234")
    assert (value(one, "1,234", rules), value(one, "1.234", rules)) == (english, german)
    assert value(one, "1.234,0", rules) == value(one, "1 234", rules) == 1


def test_ambiguous_values_are_reported():
    truths = [
        question(text, name=text) for text in ("1,234", "0,125", "[1.500; 2]", "12", "[80,900]")
    ]
    ambiguous_truths = parse_scorer({"kind": "v4", "locale": "de"}).ambiguous_truths(truths)
    assert [(one.id, note) for one, note in ambiguous_truths] == [
        ("1,234", "1,234 is read as 1.234"),
        ("[1.500; 2]", "1.500 is read as 1500"),
    ]


@each(
    ("tolerance", "truth", "given", "right"),
    [
        ({}, "8.72", "8.725", 1), ({}, "8.72", "8.74", 0), ({"relative": 0.01}, "8.72", "8.74", 1),
        ({"relative": 0, "absolute": 0.05}, "8.72", "8.76", 1), ({}, "2019", "2021", 0),
        ({"exact": []}, "2019", "2021", 1), ({"relative": 0.1, "exact": ["years"]}, "2019", "2021", 0),
        ({"relative": 0.1, "exact": ["years"]}, "10115", "10117", 1),
    ],
)  # fmt: skip
def test_a_dataset_has_its_tolerance(tolerance, truth, given, right):
    assert value(asked(truth), given, scorer(tolerance=tolerance), unit="is_blank") == right


def test_a_question_has_its_own():
    one = asked("2019")
    loose = replace(one, reference={**one.reference, "tolerance": "5"})
    assert (value(one, "2021"), value(loose, "2021"), value(loose, "2025")) == (0, 1, 0)
    text = replace(asked("1.10"), reference={**asked("1.10").reference, "tolerance": "id"})
    assert (value(text, "1.1"), value(text, "1.10")) == (0, 1)


def test_a_wrong_tolerance_of_a_question_is_refused_before_it_is_asked():
    one = question("5")
    assert "tolerance 'a bit': write exact" in TASK.refuse(
        replace(one, reference={**one.reference, "tolerance": "a bit"})
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"locale": "klingon"}, "unknown locale 'klingon'; write auto, or one such as en, de"),
        ({"tolerance": {"relative": 2}}, "less than 1"),
        ({"tolerance": {"exact": ["dates"]}}, "'years' or 'ids'"),
        ({"kind": "v3", "locale": "de"}, "unknown key"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValidationError, match=message):
        parse_scorer({"kind": "v4", **options})
