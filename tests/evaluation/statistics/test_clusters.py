from dataclasses import replace

import pytest
from evaluation.statistics.statistics_rows import row, rows_of
from scipy import stats

from modellab.evaluation.statistics.options import StatisticsOptions


def test_clusters_of_documents_are_drawn_as_a_whole(bench):
    marks = [1.0] * 10 + [0.0] * 10
    quiz = bench(20, documents=["x"] * 10 + ["y"] * 10)
    alone = row(rows_of(quiz, quiz.model("a", marks)).estimates, component="value_accuracy")
    options = StatisticsOptions(resamples=2000, cluster="document")
    whole = row(
        rows_of(quiz, quiz.model("a", marks), options=options).estimates, component="value_accuracy"
    )
    assert whole.units == 2
    assert whole.low < 0.01 and whole.high > 0.99
    assert alone.high - alone.low < 0.6


def test_few_documents_are_looked_up_in_students_t(bench):
    """Differences of 0.3, 0.2 and 0.5 in three documents: the paired t test over these."""
    quiz = bench(30, documents=["x"] * 10 + ["y"] * 10 + ["z"] * 10)
    a = [1.0] * 5 + [0.0] * 5 + [1.0] * 5 + [0.0] * 5 + [1.0] * 6 + [0.0] * 4
    b = [1.0] * 2 + [0.0] * 8 + [1.0] * 3 + [0.0] * 7 + [1.0] * 1 + [0.0] * 9
    options = StatisticsOptions(cluster="document")
    found = rows_of(quiz, quiz.model("a", a), quiz.model("b", b), options=options)
    pair = row(found.comparisons, component="value_accuracy")
    assert pair.p_value == pytest.approx(stats.ttest_rel([0.5, 0.5, 0.6], [0.2, 0.3, 0.1]).pvalue)
    assert pair.p_value == pytest.approx(0.063414, abs=1e-6)
    assert (pair.n, pair.units, pair.test) == (30, 3, "stratified_score_cluster_t")
    assert pair.low < 0 < pair.high and not pair.distinguishable
    assert pair.further_questions > 0
    assert all(one.may_be_best for one in found.ranks if one.component == "overall")
    right = row(found.comparisons, component="correctness")
    assert right.p_value == pytest.approx(pair.p_value)


def test_who_may_be_the_best_is_also_given_for_independent_documents(bench):
    quiz = bench(60, documents=["x"] * 20 + ["y"] * 20 + ["z"] * 20)
    a, b = quiz.model("a", [1] * 40 + [0] * 20), quiz.model("b", [1] * 10 + [0] * 50)
    ranks = [one for one in rows_of(quiz, a, b).ranks if one.component == "overall"]
    assert [one.may_be_best for one in ranks] == [True, False]
    assert [one.may_be_best_by_document for one in ranks] == [True, True]
    options = StatisticsOptions(cluster="document")
    ranks = [one for one in rows_of(quiz, a, b, options=options).ranks if one.rank]
    assert {one.may_be_best_by_document for one in ranks} == {None}


def test_one_document_has_no_spread(bench):
    quiz = bench(8, documents=["x"] * 8)
    options = StatisticsOptions(cluster="document")
    a, b = quiz.model("a", [1] * 8), quiz.model("b", [1] * 4 + [0] * 4)
    found = rows_of(quiz, a, b, options=options)
    one = row(found.estimates, component="overall", model="a")
    assert (one.low, one.high, one.no_interval, one.units) == (None, None, "one document only", 1)
    pair = row(found.comparisons, component="overall")
    assert (pair.low, pair.p_value, pair.distinguishable) == (None, None, False)
    ranks = [one for one in rows_of(quiz, a, b).ranks if one.component == "overall"]
    assert {one.may_be_best_by_document for one in ranks} == {None}


def test_a_question_asked_several_times_is_one_independent_unit(bench):
    """Eight questions under five ids each: as sure as eight questions, not as forty."""
    few, many = bench(8), bench(40)
    many.questions = [
        replace(q, text=f"? {n % 8}", tags=(f"round {n}",)) for n, q in enumerate(many.questions)
    ]
    a, b = [1.0] * 6 + [0.0] * 2, [1.0] * 2 + [0.0] * 6
    once = rows_of(few, few.model("a", a), few.model("b", b))
    often = rows_of(many, many.model("a", a * 5), many.model("b", b * 5))
    for component in ("value_accuracy", "overall", "correctness"):
        pair, again = (row(found.comparisons, component=component) for found in (once, often))
        assert (again.n, again.units, again.wins, again.test) == (8, 8, 4, pair.test)
        assert again.p_value == pytest.approx(pair.p_value)
    ends = [row(found.estimates, component="overall", model="a") for found in (once, often)]
    assert ends[1].low == pytest.approx(ends[0].low)
    assert [(one.n_scored, one.units) for one in ends] == [(8, 8), (40, 8)]
