import numpy as np
import pytest
from scored import dataset

from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import statistics_of
from modellab.tasks import parse_scorer, parse_task


def budget(bench, *models, component="value_accuracy"):
    found = statistics_of(
        dataset(bench.questions, models),
        parse_task("wattbot"),
        parse_scorer("v3"),
        StatisticsOptions(resamples=100),
        1,
    ).noise
    own = found[found["component"] == component]
    return {(r.system, r.source): r for r in own.itertuples(index=False)}


def test_asked_once_the_two_cannot_be_split(bench):
    quiz = bench(10)
    marks = [1.0] * 6 + [0.0] * 4
    found = budget(quiz, quiz.model("a", marks))
    assert set(found) == {("a@bm25", "questions_and_repeats")}
    one = found["a@bm25", "questions_and_repeats"]
    # the variance of the mean: that of the marks over n
    assert one.variance == pytest.approx(np.var(marks, ddof=1) / 10)
    assert (one.sd, one.share, one.levels) == (pytest.approx(one.variance**0.5), 1.0, 10)


def test_repeats_are_split_by_sums_of_squares(bench):
    quiz = bench(4)
    marks = [[1, 1], [1, 0], [0, 0], [0, 1]]
    found = budget(quiz, quiz.model("a", marks, repeats=2))
    means = [1, 0.5, 0, 0.5]
    between = np.var(means, ddof=1) / 4
    # mean square within questions: 0.5 in two of four; over 8 rows
    within = np.mean([0, 0.5, 0, 0.5]) / 8
    assert found["a@bm25", "repeats"].variance == pytest.approx(within)
    assert found["a@bm25", "questions"].variance == pytest.approx(between - within)
    assert sum(one.share for one in found.values()) == pytest.approx(1)
    assert (found["a@bm25", "questions"].levels, found["a@bm25", "repeats"].levels) == (4, 2)


def test_nothing_but_sampling(bench):
    quiz = bench(3)
    found = budget(quiz, quiz.model("a", [[1, 0], [0, 1], [1, 0]], repeats=2))
    assert found["a@bm25", "questions"].variance == 0
    assert found["a@bm25", "repeats"].variance == 0


def test_strata_have_their_own_middle(bench):
    """All answerable questions wrong, all unanswerable ones right: no doubt within either."""
    quiz = bench(4, 4)
    found = budget(quiz, quiz.model("a", [0.0] * 4 + [1.0] * 4))
    assert found["a@bm25", "questions_and_repeats"].variance == 0
    assert np.isnan(found["a@bm25", "questions_and_repeats"].share)
