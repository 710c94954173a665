import numpy as np
import pytest
from evaluation.statistics.statistics_rows import BAD, GOOD, row, rows_of
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modellab.evaluation.statistics.comparing import mcnemar_exact
from modellab.evaluation.statistics.options import StatisticsOptions


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_a_sign_test_of_the_questions_that_differ(only_a, only_b):
    theirs = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar_exact(only_a, only_b) == pytest.approx(theirs)


def test_the_paired_test_is_near_that_of_scipy(bench):
    quiz = bench(200)
    found = row(
        rows_of(quiz, quiz.model("a", GOOD), quiz.model("b", BAD)).comparisons,
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
        rows_of(quiz, quiz.model("a", a), quiz.model("b", b)).comparisons, component="correctness"
    )
    assert (found.test, found.wins, found.losses, found.ties) == ("mcnemar_exact", 6, 1, 3)
    assert found.p_value == pytest.approx(stats.binomtest(1, 7).pvalue)


def test_the_smallest_difference(bench):
    quiz = bench(200)
    found = rows_of(quiz, quiz.model("a", GOOD), quiz.model("b", BAD))
    least = row(found.detectable, component="value_accuracy")
    pair = row(found.comparisons, component="value_accuracy")
    error = np.sqrt((np.mean((GOOD - BAD) ** 2) + 1 / 200) / 200)
    steps = stats.t.isf(0.025, 200) + 0.841621
    # of as many questions that differ as a true difference of this size makes
    grown = np.sqrt(error**2 + (least.smallest_difference - pair.difference) / 200)
    expected = steps * (error if steps * error <= pair.difference else grown)
    assert least.smallest_difference == pytest.approx(expected, rel=1e-6)
    assert (least.power, least.alpha, least.pairs, least.units) == (0.8, 0.05, 1, 200)


def test_a_pair_is_compared_on_the_questions_that_both_have(bench):
    quiz = bench(6)
    a = quiz.model("a", [1, 1, 1, 0, 0, 0])
    whole = quiz.model("b", [1, 0, 1, 1, 1, 1])
    part = quiz.part("b", [1, 0, 1, 1, 1, 1], kept=(0, 1, 2))
    both = quiz.model("c", [0, 0, 1, 1, 1, 1])
    found = rows_of(quiz, a, part, both)
    pair = row(found.comparisons, component="value_accuracy", system_a="a@bm25", system_b="b@bm25")
    # a is right on all of the first three questions, b on two of them; a's own score is one half
    assert pair.difference == pytest.approx(1 / 3)
    assert (pair.n, pair.wins, pair.ties, pair.losses) == (3, 1, 2, 0)
    assert pair.low < 0 < pair.high <= 1
    # the others are as if everybody had answered everything
    alone = rows_of(quiz, a, whole, both)
    names = {"component": "value_accuracy", "system_a": "a@bm25", "system_b": "c@bm25"}
    assert row(found.comparisons, **names).difference == row(alone.comparisons, **names).difference
    order = [(p.system_a, p.system_b) for p in found.comparisons if p.component == "overall"]
    assert order == [("a@bm25", "b@bm25"), ("a@bm25", "c@bm25"), ("b@bm25", "c@bm25")]


def test_systems_without_a_shared_question_are_not_compared(bench):
    quiz = bench(4)
    one = quiz.part("a", [1, 1, 0, 0], kept=(0, 1))
    other = quiz.part("b", [1, 1, 0, 1], kept=(2, 3))
    pair = row(rows_of(quiz, one, other).comparisons, component="overall")
    assert (pair.n, pair.difference, pair.p_value) == (0, None, None)


def test_constant_differences_of_a_few_questions_are_no_proof(bench):
    """Sums of 0.9 and 0.2 differ in their last digits."""
    quiz = bench(5)
    a = quiz.model("a", [1] * 5, reference=[0.9] * 5)
    b = quiz.model("b", [1] * 5, reference=[0.2] * 5)
    found = rows_of(quiz, a, b)
    pair = row(found.comparisons, component="ref_overlap")
    assert 0.05 < pair.p_value < 0.2
    assert pair.low < 0 < pair.difference < pair.high
    assert not pair.distinguishable
    same = row(found.comparisons, component="value_accuracy")
    assert (same.difference, same.p_value) == (0, 1)
    assert same.low < 0 < same.high
    assert row(found.detectable, component="value_accuracy").pairs == 1


def test_a_component_is_compared_on_the_questions_that_it_is_about(bench):
    """Three unanswerable questions prove little, however many others there are."""
    quiz = bench(97, 3)
    same = [1.0] * 97
    a = quiz.model("a", GOOD[:100], na=[*same, 1, 1, 1])
    b = quiz.model("b", GOOD[:100], na=[*same, 0, 0, 0])
    found = rows_of(quiz, a, b)
    pair = row(found.comparisons, component="na_recall")
    assert (pair.difference, pair.n, pair.units) == (1, 3, 3)
    assert (pair.wins, pair.ties, pair.losses) == (3, 0, 0)
    assert pair.p_value == pytest.approx(2 * stats.t.sf(3**0.5, 3))
    assert pair.low < 0 and not pair.distinguishable
    overall = row(found.comparisons, component="overall")
    assert overall.n == 100
    assert overall.low < 0 < overall.high and overall.p_value > 0.1
    assert row(found.detectable, component="na_recall").units == 3
    worst = row(found.estimates, component="na_recall", model="b")
    assert (worst.low, worst.high) == (0, pytest.approx(1 - 3 / (3 + 3.182446**2)))


def test_one_question_does_not_tell_two_systems_apart(bench):
    """Thirty questions, one of them unanswerable: all answers alike but that one."""
    quiz = bench(29, 1)
    marks = [1.0] * 20 + [0.0] * 9 + [1.0]
    abstains = quiz.model("abstains", marks, na=[1.0] * 30)
    invents = quiz.model("invents", marks, na=[1.0] * 29 + [0.0])
    found = rows_of(quiz, abstains, invents)
    pair = row(found.comparisons, component="overall")
    assert pair.difference == pytest.approx(0.1)
    assert pair.low < 0 < pair.high
    assert pair.p_value > 0.3
    assert not any(one.distinguishable for one in found.comparisons)
    assert all(one.may_be_best for one in found.ranks if one.component == "overall")


@pytest.mark.parametrize("level", [0.8, pytest.param(0.95, marks=pytest.mark.slow)])
def test_interval_and_test_never_contradict(bench, level):
    options = StatisticsOptions(confidence=level, alpha=round(1 - level, 6))
    rng = np.random.default_rng(3)
    pairs = 0
    for n, blank in ((12, 0), (20, 1), (40, 2), (60, 9)):
        quiz = bench(n - blank, blank)
        models = [
            quiz.model(
                f"m{k}",
                (rng.random(n) < share).astype(float).tolist(),
                reference=rng.choice([0, 0.5, 1], n).tolist(),
                na=(rng.random(n) < 0.6).astype(float).tolist(),
            )
            for k, share in enumerate((0.3, 0.5, 0.6, 0.8, 0.97))
        ]
        for pair in rows_of(quiz, *models, options=options).comparisons:
            if pair.low is not None:
                pairs += 1
                assert pair.low <= pair.difference <= pair.high
                assert pair.low < pair.high
                assert (pair.low > 0 or pair.high < 0) == (pair.p_value < options.alpha)
    assert pairs > 100


def test_further_questions(bench):
    quiz = bench(200)
    a = quiz.model("a", [1.0] * 104 + [0.0] * 96)
    b = quiz.model("b", [1.0] * 100 + [0.0] * 100)
    found = rows_of(quiz, a, b)
    pair = row(found.comparisons, component="value_accuracy")
    # four of 200 differ, and one more may: an error of sqrt(5) / 200; a power of 0.8 takes
    # t + 0.8416 = 2.8135 of them, and they fall with the root of n: 200 * 2.8135^2 * 5 / 4^2 - 200
    assert pair.further_questions == 295
    same = row(rows_of(quiz, a, quiz.model("c", [1.0] * 104 + [0.0] * 96)).comparisons,
               component="value_accuracy")  # fmt: skip
    assert same.further_questions is None


def test_without_unanswerable_questions_there_is_nothing_to_compare(bench):
    quiz = bench(8)
    found = rows_of(quiz, quiz.model("a", [1] * 8), quiz.model("b", [0] * 8))
    pair = row(found.comparisons, component="na_recall")
    assert (pair.n, pair.difference, pair.p_value, pair.distinguishable) == (0, None, None, False)
