import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judgement_rows import judged
from scipy import stats

from modellab.judging.meta_evaluation.judgements import judged_answers, judgement_frame
from modellab.judging.meta_evaluation.scores import COLUMNS, score_table


def score_rows(rows, min_coverage):
    """The table as rows; missing values are None."""
    table = score_table(judgement_frame(rows), min_coverage).astype(object)
    return table.where(table.notna(), None).to_dict("records")


ROWS = [
    judged("j", "m", "q1", 5.0),
    judged("j", "m", "q2", 2.0),
    judged("j", "m", "q3", None, reason="parse"),
    judged("j", "m", "q4", None, reason="no_answer"),
    judged("j", "m", "q5", None, reason="no_reference"),
]


def test_a_mean_is_beside_what_it_leaves_out():
    [row] = score_rows(ROWS, 0.9)
    assert row["value"] == pytest.approx(3.5)
    assert (row["n_scored"], row["n_failed"], row["n_not_applicable"]) == (2, 2, 1)
    assert (row["parse"], row["no_answer"], row["timeout"], row["no_reference"]) == (1, 1, 0, 1)
    assert row["coverage"] == 0.5
    assert row["marked"] == "low_coverage"
    assert set(row) == set(COLUMNS)


def test_the_strict_mean_gives_answers_that_are_none_the_lowest_score():
    [row] = score_rows(ROWS, 0.5)
    assert row["value_strict"] == pytest.approx((5 + 2 + 1) / 3)
    assert row["marked"] == ""


def test_a_metric_that_applies_to_nothing_has_its_own_row():
    [row] = score_rows([ROWS[-1]], 0.9)
    assert (row["value"], row["coverage"], row["n_scored"], row["n_not_applicable"]) == (
        None,
        None,
        0,
        1,
    )
    assert row["marked"] == ""


def test_repeats_of_the_judge_are_one_answer():
    rows = [judged("j", "m", "q1", v, judge_repeat=n) for n, v in ((1, 1.0), (2, 5.0))]
    rows += [
        judged("j", "m", "q2", 4.0),
        judged("j", "m", "q2", None, judge_repeat=2, reason="cut"),
    ]
    [row] = score_rows(rows, 0.9)
    assert (row["value"], row["n_scored"], row["n_failed"]) == (pytest.approx(3.5), 2, 0)


def test_a_comparison_counts_only_with_both_orders():
    def pair(question, first, second):
        values = {"first": first, "second": second}
        return [
            judged(
                "j",
                "m",
                question,
                value,
                metric="pairwise",
                other="o",
                shown=shown,
                reason=None if value is not None else "parse",
            )
            for shown, value in values.items()
        ]

    [row] = score_rows([*pair("q1", 1.0, 0.0), *pair("q2", 1.0, None)], 0.9)
    assert (row["value"], row["n_scored"], row["n_failed"]) == (0.5, 1, 1)


def test_the_order_of_rows_changes_nothing():
    rows = [judged(j, m, f"q{n}", (n * 7 % 5) + 0.1) for j in "ab" for m in "xy" for n in range(20)]
    shuffled = rows[:]
    random.Random(3).shuffle(shuffled)
    assert score_rows(rows, 0.9) == score_rows(shuffled, 0.9)
    one, other = (judged_answers(judgement_frame(some)) for some in (rows, shuffled))
    pd.testing.assert_frame_equal(one, other)


def test_the_interval_of_a_mean_is_that_of_students_t():
    values = [4.0, 2.0, 3.0, 4.0, 3.0]
    [row] = score_rows([judged("j", "m", f"q{n}", v) for n, v in enumerate(values)], 0.9)
    theirs = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert (row["low"], row["high"]) == (pytest.approx(theirs[0]), pytest.approx(theirs[1]))


def test_a_mean_of_cosines_may_be_below_0():
    values = [-0.2, -0.15, -0.1, -0.12]
    rows = [judged("j", "m", f"q{n}", v, metric="answer_relevancy") for n, v in enumerate(values)]
    [row] = score_rows([r._replace(judge=replace(r.judge, kind="ragas")) for r in rows], 0.9)
    theirs = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (row["low"], row["high"]) == (pytest.approx(theirs[0]), pytest.approx(theirs[1]))
    assert row["low"] < row["value"] < row["high"] < 0


def test_answers_to_one_question_are_one_draw():
    once = [judged("j", "m", f"q{n}", v) for n, v in enumerate([5.0, 2.0, 3.0, 4.0])]
    twice = [*once, *(item._replace(row=replace(item.row, repeat=2)) for item in once)]
    [row], [doubled] = score_rows(once, 0.9), score_rows(twice, 0.9)
    assert doubled["n_scored"] == 2 * row["n_scored"]
    assert (doubled["low"], doubled["high"]) == (
        pytest.approx(row["low"]),
        pytest.approx(row["high"]),
    )


def test_an_interval_ends_with_the_scale_and_is_none_without_spread():
    [row] = score_rows([judged("j", "m", "q1", 5.0), judged("j", "m", "q2", 4.0)], 0.9)
    assert (row["low"], row["high"]) == (1.0, 5.0)
    for rows in ([("q1", 5.0)], [("q1", 5.0), ("q2", 5.0)]):
        [row] = score_rows([judged("j", "m", q, v) for q, v in rows], 0.9)
        assert (row["low"], row["high"]) == (None, None)
