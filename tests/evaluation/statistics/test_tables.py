from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from scored import dataset

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import Question
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles, statistics_of, write_statistics
from modellab.tasks import parse_scorer, parse_task

OPTIONS = StatisticsOptions(resamples=2000)
RNG = np.random.default_rng(5)
GOOD = (RNG.random(200) < 0.8).astype(float)
BAD = np.where(RNG.random(200) < 0.9, GOOD, 0.0)


def told(bench, *models, options=OPTIONS, seed=1):
    scores = dataset(bench.questions, models)
    return as_rows(statistics_of(scores, parse_task("wattbot"), parse_scorer("v3"), options, seed))


def as_rows(found):
    """The tables as lists of rows, in which what is missing is None."""
    tables = {name: table.astype(object) for name, table in vars(found).items()}
    return SimpleNamespace(
        **{
            name: list(table.where(table.notna(), None).itertuples(index=False, name="Row"))
            for name, table in tables.items()
        }
    )


def row(rows, **wanted):
    (found,) = [r for r in rows if all(getattr(r, key) == value for key, value in wanted.items())]
    return found


def test_an_interval_is_near_that_of_scipys_bootstrap(bench):
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
        pytest.approx(theirs.low, abs=0.015),
        pytest.approx(theirs.high, abs=0.015),
    )
    assert (found.method, found.n_scored, found.questions, found.units) == (
        "stratified_score",
        200,
        200,
        200,
    )
    assert found.low < found.value < found.high


def test_recall_of_blanks_has_the_n_of_its_own_rows(bench):
    quiz = bench(98, 2)
    na = [1.0] * 98 + [1.0, 0.0]
    estimates = told(quiz, quiz.model("a", GOOD[:100], na=na)).estimates
    found = row(estimates, component="na_recall")
    assert (found.value, found.n_scored, found.questions, found.units) == (0.5, 2, 2, 2)
    # two rows say next to nothing
    assert found.low < 0.1 and found.high > 0.9
    alike = row(
        told(quiz, quiz.model("a", GOOD[:100], na=[1.0] * 100)).estimates, component="na_recall"
    )
    # n / (n + t^2), Student's t of two degrees of freedom
    assert alike.high == 1.0
    assert alike.low == pytest.approx(2 / (2 + 4.302653**2))


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
    # supposing no difference, the squares of twelve ones are the variance: sqrt(12) errors away
    assert pair.p_value == pytest.approx(2 * stats.t.sf(12**0.5, 12))
    assert pair.further_questions == 0
    assert 0.2 < pair.smallest_difference < 1
    assert [
        (place.rank, place.rank_low, place.rank_high, place.may_be_best)
        for place in found.ranks
        if place.component == "overall"
    ] == [(1, 1, 1, True), (2, 2, 2, False)]


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
    assert whole.low < 0.01 and whole.high > 0.99
    assert alone.high - alone.low < 0.6


def test_the_smallest_difference(bench):
    quiz = bench(200)
    found = told(quiz, quiz.model("a", GOOD), quiz.model("b", BAD))
    least = row(found.detectable, component="value_accuracy")
    pair = row(found.comparisons, component="value_accuracy")
    error = np.sqrt((np.mean((GOOD - BAD) ** 2) + 1 / 200) / 200)
    steps = stats.t.isf(0.025, 200) + 0.841621
    # of as many questions that differ as a true difference of this size makes
    grown = np.sqrt(error**2 + (least.smallest_difference - pair.difference) / 200)
    expected = steps * (error if steps * error <= pair.difference else grown)
    assert least.smallest_difference == pytest.approx(expected, rel=1e-6)
    assert (least.power, least.alpha, least.pairs, least.units) == (0.8, 0.05, 1, 200)


@pytest.mark.slow
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
    write_rows(tmp_path / "questions.jsonl", quiz.questions)
    for model in models:
        write_json(tmp_path / f"{model.scores.name}.json", asdict(model.scores))
        write_csv(tmp_path / f"{model.scores.name}.csv", list(model.rows[0]), model.rows)

    def write(name, seed):
        files = StatisticsFiles(*(tmp_path / f"{name}{part}" for part in ("e", "c", "r", "d", "n")))
        summaries, rows = ([tmp_path / f"{n}.{end}" for n in "ab"] for end in ("json", "csv"))
        write_statistics(
            read_dataset(tmp_path / "questions.jsonl", summaries, rows),
            *(parse_task("wattbot"), parse_scorer("v3"), OPTIONS, seed, files),
        )
        return [
            path.read_bytes()
            for path in (
                files.estimates,
                files.comparisons,
                files.ranks,
                files.detectable,
                files.noise,
            )
        ]

    first = write("one", 3)
    assert first == write("two", 3)
    # only the model confidence set draws numbers
    other = write("three", 4)
    assert [a == b for a, b in zip(first, other, strict=True)][:2] == [True, True]


def extracted(scored, name, missing):
    """A model with a share of missing fields, and the rest of them right, per question."""
    marks = [{"missing_share": share, "exact": 0.0, "field_f1": 1 - share} for share in missing]
    components = {"missing_share": "missing_share", "exact_records": "exact", "overall": "field_f1"}
    return scored(name, "extract", "fields", marks, components)


def test_less_is_better_where_the_registry_says_so(tmp_path, scored):
    (tmp_path / "record.json").write_text('{"type": "object", "properties": {"a": {}}}')
    task = parse_task({"kind": "extract", "record": str(tmp_path / "record.json")})
    few, many = [0.0, 0.0, 0.2, 0.0], [0.5, 0.5, 0.1, 0.0]
    scores = dataset(
        [Question(f"q{n}", "?", {}, {"record": "{}"}, ()) for n in range(4)],
        [extracted(scored, "few", few), extracted(scored, "many", many)],
    )
    found = as_rows(statistics_of(scores, task, parse_scorer("fields"), OPTIONS, 1))
    places = {r.system: r for r in found.ranks if r.component == "missing_share"}
    assert {name: place.rank for name, place in places.items()} == {"few@none": 1, "many@none": 2}
    assert places["few@none"].better == "lower"
    assert places["few@none"].rank_low == 1
    pair = row(found.comparisons, component="missing_share")
    assert (pair.wins, pair.ties, pair.losses) == (2, 1, 1)
    assert pair.difference == pytest.approx(0.05 - 0.275)
    overall = row(found.comparisons, component="overall")
    assert (overall.wins, overall.better) == (2, "higher")


def test_a_pair_is_compared_on_the_questions_that_both_have(bench):
    quiz = bench(6)
    a = quiz.model("a", [1, 1, 1, 0, 0, 0])
    whole = quiz.model("b", [1, 0, 1, 1, 1, 1])
    part = quiz.part("b", [1, 0, 1, 1, 1, 1], kept=(0, 1, 2))
    both = quiz.model("c", [0, 0, 1, 1, 1, 1])
    found = told(quiz, a, part, both)
    pair = row(found.comparisons, component="value_accuracy", system_a="a@bm25", system_b="b@bm25")
    # a is right on all of the first three questions, b on two of them; a's own score is one half
    assert pair.difference == pytest.approx(1 / 3)
    assert (pair.n, pair.wins, pair.ties, pair.losses) == (3, 1, 2, 0)
    assert pair.low < 0 < pair.high <= 1
    # the others are as if everybody had answered everything
    alone = told(quiz, a, whole, both)
    names = {"component": "value_accuracy", "system_a": "a@bm25", "system_b": "c@bm25"}
    assert row(found.comparisons, **names).difference == row(alone.comparisons, **names).difference
    order = [(p.system_a, p.system_b) for p in found.comparisons if p.component == "overall"]
    assert order == [("a@bm25", "b@bm25"), ("a@bm25", "c@bm25"), ("b@bm25", "c@bm25")]


def test_systems_without_a_shared_question_are_not_compared(bench):
    quiz = bench(4)
    one = quiz.part("a", [1, 1, 0, 0], kept=(0, 1))
    other = quiz.part("b", [1, 1, 0, 1], kept=(2, 3))
    pair = row(told(quiz, one, other).comparisons, component="overall")
    assert (pair.n, pair.difference, pair.p_value) == (0, None, None)


def test_a_score_of_which_all_questions_are_alike_has_an_interval(bench):
    quiz = bench(5)
    found = told(quiz, quiz.model("a", [1] * 5, reference=[0.5] * 5)).estimates
    constant = row(found, component="ref_overlap")
    assert constant.low < 0.5 < constant.high
    none = row(found, component="na_recall")
    assert (none.low, none.high, none.no_interval) == (None, None, "no value")
    assert (none.questions, none.units) == (0, 0)


def test_constant_differences_of_a_few_questions_are_no_proof(bench):
    """Sums of 0.9 and 0.2 differ in their last digits."""
    quiz = bench(5)
    a = quiz.model("a", [1] * 5, reference=[0.9] * 5)
    b = quiz.model("b", [1] * 5, reference=[0.2] * 5)
    found = told(quiz, a, b)
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
    found = told(quiz, a, b)
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
    found = told(quiz, abstains, invents)
    pair = row(found.comparisons, component="overall")
    assert pair.difference == pytest.approx(0.1)
    assert pair.low < 0 < pair.high
    assert pair.p_value > 0.3
    assert not any(one.distinguishable for one in found.comparisons)
    assert all(one.may_be_best for one in found.ranks if one.component == "overall")


@pytest.mark.parametrize("level", [0.8, 0.95])
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
        for pair in told(quiz, *models, options=options).comparisons:
            if pair.low is not None:
                pairs += 1
                assert pair.low <= pair.difference <= pair.high
                assert pair.low < pair.high
                assert (pair.low > 0 or pair.high < 0) == (pair.p_value < options.alpha)
    assert pairs > 100


def test_one_error_does_not_raise_the_lower_end(bench):
    quiz = bench(30)
    models = [quiz.model(f"m{k}", [1.0] * (30 - k) + [0.0] * k) for k in range(6)]
    for component in ("value_accuracy", "overall"):
        found = [r for r in told(quiz, *models).estimates if r.component == component]
        lows = [one.low for one in found]
        assert lows == sorted(lows, reverse=True) and len(set(lows)) == 6
        assert found[0].high == 1.0 and found[0].low < 0.93


def test_the_doubt_of_components_is_in_the_overall(bench):
    """All right, but inventing on both unanswerable questions; and all right."""
    quiz = bench(28, 2)
    good = quiz.model("perfect", [1.0] * 30)
    invents = quiz.model("invents", [1.0] * 30, na=[1.0] * 28 + [0.0, 0.0])
    found = told(quiz, good, invents).estimates
    perfect = row(found, component="overall", model="perfect")
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert 0.75 < perfect.low < 0.92
    worse = row(found, component="overall", model="invents")
    assert worse.value == pytest.approx(0.9)
    assert worse.low < 0.86
    assert 0.93 < worse.high < 1.0


def test_few_documents_are_looked_up_in_students_t(bench):
    """Differences of 0.3, 0.2 and 0.5 in three documents: the paired t test over these."""
    quiz = bench(30, documents=["x"] * 10 + ["y"] * 10 + ["z"] * 10)
    a = [1.0] * 5 + [0.0] * 5 + [1.0] * 5 + [0.0] * 5 + [1.0] * 6 + [0.0] * 4
    b = [1.0] * 2 + [0.0] * 8 + [1.0] * 3 + [0.0] * 7 + [1.0] * 1 + [0.0] * 9
    options = StatisticsOptions(cluster="document")
    found = told(quiz, quiz.model("a", a), quiz.model("b", b), options=options)
    pair = row(found.comparisons, component="value_accuracy")
    assert pair.p_value == pytest.approx(stats.ttest_rel([0.5, 0.5, 0.6], [0.2, 0.3, 0.1]).pvalue)
    assert pair.p_value == pytest.approx(0.063414, abs=1e-6)
    assert (pair.n, pair.units, pair.test) == (30, 3, "stratified_score_cluster_t")
    assert pair.low < 0 < pair.high and not pair.distinguishable
    assert pair.further_questions > 0
    assert all(one.may_be_best for one in found.ranks if one.component == "overall")
    right = row(found.comparisons, component="correctness")
    assert right.p_value == pytest.approx(pair.p_value)


def test_one_document_has_no_spread(bench):
    quiz = bench(8, documents=["x"] * 8)
    options = StatisticsOptions(cluster="document")
    a, b = quiz.model("a", [1] * 8), quiz.model("b", [1] * 4 + [0] * 4)
    found = told(quiz, a, b, options=options)
    one = row(found.estimates, component="overall", model="a")
    assert (one.low, one.high, one.no_interval, one.units) == (None, None, "one document only", 1)
    pair = row(found.comparisons, component="overall")
    assert (pair.low, pair.p_value, pair.distinguishable) == (None, None, False)


def test_further_questions(bench):
    quiz = bench(200)
    a = quiz.model("a", [1.0] * 104 + [0.0] * 96)
    b = quiz.model("b", [1.0] * 100 + [0.0] * 100)
    found = told(quiz, a, b)
    pair = row(found.comparisons, component="value_accuracy")
    # four of 200 differ, and one more may: an error of sqrt(5) / 200; a power of 0.8 takes
    # t + 0.8416 = 2.8135 of them, and they fall with the root of n: 200 * 2.8135^2 * 5 / 4^2 - 200
    assert pair.further_questions == 295
    same = row(told(quiz, a, quiz.model("c", [1.0] * 104 + [0.0] * 96)).comparisons,
               component="value_accuracy")  # fmt: skip
    assert same.further_questions is None


def control(model):
    summaries = tuple(replace(summary, control=True) for summary in model.scores.summaries)
    return replace(model, scores=replace(model.scores, summaries=summaries))


def test_controls_are_no_contenders(bench):
    quiz = bench(60)
    oracle = control(quiz.model("oracle", [1.0] * 60))
    a = quiz.model("a", [1.0] * 40 + [0.0] * 20)
    b = quiz.model("b", [0.0] * 30 + [1.0] * 30)
    found = told(quiz, oracle, a, b)
    places = {r.system: r for r in found.ranks if r.component == "overall"}
    assert (places["oracle@bm25"].rank, places["oracle@bm25"].may_be_best) == (None, None)
    assert places["a@bm25"].rank == 1 and places["a@bm25"].may_be_best
    pairs = [p for p in found.comparisons if p.component == "overall"]
    assert [p.p_holm is None for p in pairs] == [True, True, False]
    # a family of one pair is not corrected
    assert pairs[2].p_holm == pytest.approx(pairs[2].p_value)
    assert [p.control for p in pairs] == [True, True, False]
    assert pairs[0].distinguishable is None and pairs[0].p_value < 0.05


def test_repeats_of_an_unanswerable_question_are_one_unit(bench):
    quiz = bench(20, 3)
    marks = [[1.0] * 5 for _ in range(23)]
    found = row(
        told(quiz, quiz.model("a", marks, na=[1.0] * 23, repeats=5)).estimates,
        component="na_recall",
    )
    assert (found.n_scored, found.questions, found.units) == (15, 3, 3)
    # three questions, not fifteen rows
    assert found.low == pytest.approx(3 / (3 + 3.182446**2))


def test_without_unanswerable_questions_there_is_nothing_to_compare(bench):
    quiz = bench(8)
    found = told(quiz, quiz.model("a", [1] * 8), quiz.model("b", [0] * 8))
    pair = row(found.comparisons, component="na_recall")
    assert (pair.n, pair.difference, pair.p_value, pair.distinguishable) == (0, None, None, False)


def as_control(model):
    summaries = tuple(replace(summary, control=True) for summary in model.scores.summaries)
    return replace(model, scores=replace(model.scores, summaries=summaries))


def test_controls_are_in_no_family_and_have_no_rank(bench):
    quiz = bench(200)
    pair = [quiz.model("good", GOOD), quiz.model("bad", BAD)]
    best, worst = (as_control(quiz.model(n, v * np.ones(200))) for n, v in (("gold", 1), ("no", 0)))
    alone, beside = told(quiz, *pair), told(quiz, *pair, best, worst)
    for component in ("value_accuracy", "overall", "correctness"):
        [one] = [pair for pair in alone.comparisons if pair.component == component]
        found = [pair for pair in beside.comparisons if pair.component == component]
        # the family is one pair, with controls and without
        assert [pair for pair in found if not pair.control] == [one]
        assert one.p_holm == one.p_value
        others = [pair for pair in found if pair.control]
        assert len(others) == 5
        assert {(pair.p_holm, pair.distinguishable) for pair in others} == {(None, None)}
        assert all(pair.p_value is not None for pair in others)
    ranks = {r.system: r for r in beside.ranks if r.component == "overall"}
    assert [ranks[f"{n}@bm25"].rank for n in ("good", "bad", "gold", "no")] == [1, 2, None, None]
    # resampling moves a contender among contenders only
    assert {r.rank_low for r in ranks.values()} <= {1, 2, None}
    assert {r.rank_high for r in ranks.values()} <= {1, 2, None}
    assert ranks["gold@bm25"].not_distinguishable_from == ""
