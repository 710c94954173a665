"""What holds for every version: bounds, counts, and rows without an answer."""

import dataclasses

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st
from wattbot_samples import FAILURES, failure, marks, prediction, question, summary

from modellab.core.records import Status
from modellab.tasks.wattbot.published import VERSIONS as SCORERS
from modellab.tasks.wattbot.published import normalise_boolean, normalise_number

EVERY = pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
NUMBERS = st.sampled_from(["5", "5.0", "1,438", "1438", "2B", "2e9", "80-90", "inf", "nan", "1_0"])
LISTS = st.sampled_from(["[80,90]", "{a, b}", "['a','b']", "[", "[]", "{}", "[1,[2]]", "[null]"])
WORDS = st.sampled_from(["yes", "1", "false", "~5", "about 5", "is_blank", "", "n/a", "GPT-3"])
CELL = NUMBERS | LISTS | WORDS | st.text(max_size=8)
PAIR = st.tuples(CELL, CELL, CELL, CELL)


def pairs_of(cells):
    return [
        (question(true, ref, name=f"q{i}"), prediction(value, given_ref, name=f"q{i}"))
        for i, (true, ref, value, given_ref) in enumerate(cells)
    ]


def test_a_summary_worked_out_by_hand():
    found = summary(
        SCORERS["v3"],
        [
            # value right, half of the references
            (question("5", "['a','b']", name="q1"), prediction("5", name="q1")),
            # value wrong, references right
            (question("7", name="q2"), prediction("8", name="q2")),
            # an abstention where there is no answer
            (
                question("is_blank", "is_blank", name="q3"),
                prediction("is_blank", "is_blank", name="q3"),
            ),
            # made up where there is no answer: the value counts as right all the same
            (question("is_blank", "is_blank", name="q4"), prediction("9", name="q4")),
        ],
    )
    assert list(found) == ["value_accuracy", "ref_overlap", "na_recall", "overall"]
    assert found["value_accuracy"].value == pytest.approx(3 / 4)
    assert found["ref_overlap"].value == pytest.approx((0.5 + 1 + 1 + 0) / 4)
    assert found["na_recall"].value == pytest.approx(1 / 2)
    assert found["overall"].value == pytest.approx(0.75 * 0.75 + 0.15 * 0.625 + 0.10 * 0.5)
    assert [metric.n_scored for metric in found.values()] == [4, 4, 2, 4]
    assert [metric.n_failed for metric in found.values()] == [0, 0, 0, 0]


def test_without_unanswerable_questions_na_recall_is_one_from_no_rows():
    found = summary(SCORERS["v3"], [(question("5"), prediction("6"))])
    assert (found["na_recall"].value, found["na_recall"].n_scored) == (1.0, 0)


@EVERY
@pytest.mark.parametrize("status", FAILURES)
@pytest.mark.parametrize("truth", ["5", "is_blank"])
def test_no_answer_is_zero_in_every_mark(scorer, status, truth):
    row = scorer.score(question(truth, "is_blank"), failure(status))
    assert row.status == status
    assert dict(row.marks) == dict.fromkeys(scorer.marks, 0.0)


@EVERY
def test_rows_without_an_answer_are_counted(scorer):
    found = summary(
        scorer,
        [
            (question("5", name="q1"), prediction("5", name="q1")),
            (question("5", name="q2"), failure(Status.FAILED, "q2")),
            (question("is_blank", "is_blank", name="q3"), failure(Status.MISSING, "q3")),
        ],
    )
    assert found["value_accuracy"].n_failed == 2
    assert found["na_recall"].n_failed == (2 if scorer.name == "validator" else 1)
    assert found["overall"].n_scored == 3


@EVERY
@given(cells=st.lists(PAIR, min_size=1, max_size=6))
def test_all_numbers_lie_between_zero_and_one(scorer, cells):
    pairs = pairs_of(cells)
    for asked, given_answer in pairs:
        found = marks(scorer, asked, given_answer)
        assert all(mark is None or 0.0 <= mark <= 1.0 for mark in found.values())
    assert all(0.0 <= metric.value <= 1.0 for metric in summary(scorer, pairs).values())


@EVERY
@given(data=st.data(), cells=st.lists(PAIR, min_size=1, max_size=6))
def test_the_order_of_rows_does_not_matter(scorer, data, cells):
    pairs = pairs_of(cells)
    shuffled = data.draw(st.permutations(pairs))
    assert summary(scorer, shuffled) == summary(scorer, pairs)


@EVERY
@pytest.mark.parametrize(
    "truths", [["5", "GPT-3", "[80,90]", "is_blank"], ["0"], ["is_blank"], ["1", "{a,b}"]]
)
def test_the_truth_itself_scores_one(scorer, truths):
    refs = ["is_blank" if truth == "is_blank" else "['a','b']" for truth in truths]
    pairs = pairs_of(zip(truths, refs, truths, refs, strict=True))
    assert summary(scorer, pairs)["overall"].value == pytest.approx(1.0)


@EVERY
@given(cells=st.lists(PAIR, min_size=1, max_size=5), data=st.data())
def test_a_missing_row_never_raises_a_score(scorer, cells, data):
    pairs = pairs_of(cells)
    lost = data.draw(st.integers(0, len(pairs) - 1))
    fewer = list(pairs)
    fewer[lost] = (pairs[lost][0], failure(Status.MISSING, f"q{lost}"))
    full, less = summary(scorer, pairs), summary(scorer, fewer)
    assert all(less[name].value <= full[name].value + 1e-12 for name in full)


@given(cells=PAIR)
def test_versions_differ_by_how_values_are_rewritten_and_nothing_else(cells):
    [(asked, answer)] = pairs_of([cells])
    numbers = normalise_number(cells[2])
    booleans = normalise_number(normalise_boolean(cells[2]))
    for version, rewritten in (("v2", numbers), ("v3", booleans)):
        plain = dataclasses.replace(answer, answer={**answer.answer, "answer_value": rewritten})
        found = marks(SCORERS[version], asked, answer)
        assert found["value_correct"] == marks(SCORERS["v1"], asked, plain)["value_correct"]
        as_v1 = marks(SCORERS["v1"], asked, answer)
        assert {**found, "value_correct": 0, "weighted": 0} == {
            **as_v1,
            "value_correct": 0,
            "weighted": 0,
        }


@each(
    ("written", "plain"),
    [
        ("~ 1,438", "1438"),
        ("up to 2.5M", "2500000"),
        ("FROM 1 TO 2", "[1,2]"),
        ("-2--1", "[-2,-1]"),
        ("1,000 to 2,000", "1,000 to 2,000"),
        ("around around 5", "around 5"),
        ("0.0015k", "1.5"),
        ("12 %", "12 %"),
        (" is_blank ", "is_blank"),
    ],
)
def test_numbers_are_written_plainly(written, plain):
    assert normalise_number(written) == plain
