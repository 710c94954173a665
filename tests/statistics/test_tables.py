import numpy as np
import pytest
from scipy import stats

from modellab.errors import InputError
from modellab.scorers import parse_scorer
from modellab.statistics.options import StatisticsOptions
from modellab.statistics.tables import StatisticsFiles, statistics_of, write_statistics
from modellab.tasks import parse_task

OPTIONS = StatisticsOptions(resamples=2000)
RNG = np.random.default_rng(5)
GOOD = (RNG.random(200) < 0.8).astype(float)
BAD = np.where(RNG.random(200) < 0.9, GOOD, 0.0)


def told(bench, *models, options=OPTIONS, seed=1):
    return statistics_of(
        models, bench.questions, parse_task("wattbot"), parse_scorer("v3"), options, seed
    )


def row(rows, **wanted):
    (found,) = [r for r in rows if all(getattr(r, key) == value for key, value in wanted.items())]
    return found


def test_an_interval_is_that_of_scipys_bootstrap(bench):
    quiz = bench(200)
    found = row(told(quiz, quiz.model("a", GOOD)).estimates, component="value_accuracy")
    theirs = stats.bootstrap(
        (GOOD,),
        np.mean,
        n_resamples=5000,
        method="percentile",
        random_state=np.random.default_rng(1),
    ).confidence_interval
    assert (found.low, found.high) == (
        pytest.approx(theirs.low, abs=0.01),
        pytest.approx(theirs.high, abs=0.01),
    )
    assert (found.method, found.n_scored, found.units) == ("bootstrap_percentile", 200, 200)
    assert found.low < found.value < found.high


def test_recall_of_blanks_has_the_n_of_its_own_rows(bench):
    quiz = bench(98, 2)
    na = [1.0] * 98 + [1.0, 0.0]
    estimates = told(quiz, quiz.model("a", GOOD[:100], na=na)).estimates
    found = row(estimates, component="na_recall")
    assert (found.value, found.n_scored) == (0.5, 2)
    # two rows say next to nothing
    assert (found.low, found.high) == (0.0, 1.0)
    alike = row(
        told(quiz, quiz.model("a", GOOD[:100], na=[1.0] * 100)).estimates, component="na_recall"
    )
    assert (alike.method, alike.high) == ("wilson", 1.0)
    assert alike.low == pytest.approx(0.342, abs=0.001)


def test_the_paired_test_is_near_that_of_scipy(bench):
    quiz = bench(200)
    found = row(
        told(quiz, quiz.model("a", GOOD), quiz.model("b", BAD)).comparisons,
        component="value_accuracy",
    )
    theirs = stats.ttest_rel(GOOD, BAD)
    assert found.difference == pytest.approx(np.mean(GOOD - BAD))
    assert np.log10(found.p_value) == pytest.approx(np.log10(theirs.pvalue), abs=0.5)
    assert found.distinguishable
    assert found.low > 0
    assert (found.wins, found.losses) == (int((GOOD > BAD).sum()), 0)
    assert found.wins + found.ties + found.losses == found.n == 200


def test_right_and_wrong_are_compared_by_mcnemar(bench):
    quiz = bench(10)
    a, b = [1] * 9 + [0], [0] * 6 + [1] * 3 + [1]
    found = row(
        told(quiz, quiz.model("a", a), quiz.model("b", b)).comparisons, component="correctness"
    )
    assert (found.test, found.wins, found.losses, found.ties) == ("mcnemar_exact", 6, 1, 3)
    assert found.p_value == pytest.approx(stats.binomtest(1, 7).pvalue)


def test_equal_systems_are_not_told_apart(bench):
    quiz = bench(20)
    found = told(quiz, *(quiz.model(name, GOOD[:20]) for name in "abc"))
    pairs = [pair for pair in found.comparisons if pair.component == "overall"]
    assert [(pair.difference, pair.p_value, pair.distinguishable) for pair in pairs] == [
        (0, 1, False)
    ] * 3
    places = [place for place in found.ranks if place.component == "overall"]
    assert [place.rank for place in places] == [1, 1, 1]
    assert places[0].not_distinguishable_from == "b@bm25;c@bm25"


def test_systems_that_differ_everywhere(bench):
    quiz = bench(12)
    found = told(quiz, quiz.model("a", [1] * 12), quiz.model("b", [0] * 12))
    pair = row(found.comparisons, component="value_accuracy")
    assert pair.p_value == pytest.approx(2 / 2**12)
    assert [
        (place.rank, place.rank_low, place.rank_high)
        for place in found.ranks
        if place.component == "overall"
    ] == [(1, 1, 1), (2, 2, 2)]


def test_repeats_of_a_question_are_no_new_questions(bench):
    quiz = bench(30)
    once = told(quiz, quiz.model("a", GOOD[:30]))
    thrice = told(quiz, quiz.model("a", [[mark] * 3 for mark in GOOD[:30]], repeats=3))
    a, b = (row(t.estimates, component="value_accuracy") for t in (once, thrice))
    assert (a.low, a.high) == (pytest.approx(b.low), pytest.approx(b.high))
    assert (b.n_scored, b.units) == (90, 30)


def test_clusters_of_documents_are_drawn_as_a_whole(bench):
    marks = [1.0] * 10 + [0.0] * 10
    quiz = bench(20, documents=["x"] * 10 + ["y"] * 10)
    alone = row(told(quiz, quiz.model("a", marks)).estimates, component="value_accuracy")
    options = StatisticsOptions(resamples=2000, cluster="document")
    whole = row(
        told(quiz, quiz.model("a", marks), options=options).estimates, component="value_accuracy"
    )
    assert whole.units == 2
    assert (whole.low, whole.high) == (0.0, 1.0)
    assert alone.high - alone.low < 0.6


def test_the_smallest_difference(bench):
    quiz = bench(200)
    found = told(quiz, quiz.model("a", GOOD), quiz.model("b", BAD))
    least = row(found.detectable, component="value_accuracy")
    error = np.std(GOOD - BAD, ddof=1) / np.sqrt(200)
    assert least.smallest_difference == pytest.approx((1.959964 + 0.841621) * error, rel=0.08)
    assert (least.power, least.alpha, least.pairs) == (0.8, 0.05, 1)


def test_the_order_of_models_changes_no_number(bench):
    quiz = bench(50, 5)
    a, b = quiz.model("a", GOOD[:55]), quiz.model("b", BAD[:55])
    one, other = told(quiz, a, b), told(quiz, b, a)
    assert sorted(map(repr, one.estimates)) == sorted(map(repr, other.estimates))
    assert row(one.comparisons, component="overall").p_value == pytest.approx(
        row(other.comparisons, component="overall").p_value
    )


def test_scores_that_their_rows_do_not_give(bench):
    quiz, other = bench(20), bench(20)
    model = quiz.model("a", GOOD[:20])
    wrong = type(model)(other.model("a", [1] * 20).scores, model.rows)
    with pytest.raises(
        InputError, match=r"value_accuracy is 1\.0 .* but its rows give .*; score the model"
    ):
        told(quiz, wrong)


def test_the_tables_have_the_same_bytes_for_the_same_seed(bench, tmp_path):
    quiz = bench(20, 3)
    models = [quiz.model("a", GOOD[:23]), quiz.model("b", BAD[:23])]

    def write(name, seed):
        files = StatisticsFiles(*(tmp_path / f"{name}{part}" for part in ("e", "c", "r", "d")))
        write_statistics(
            models, quiz.questions, parse_task("wattbot"), parse_scorer("v3"), OPTIONS, seed, files
        )
        return [
            path.read_bytes()
            for path in (files.estimates, files.comparisons, files.ranks, files.detectable)
        ]

    assert write("one", 3) == write("two", 3) != write("three", 4)
