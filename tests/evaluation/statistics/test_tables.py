from dataclasses import asdict, replace

import numpy as np
import pytest
from evaluation.statistics.statistics_rows import BAD, GOOD, OPTIONS, as_rows, row, rows_of
from scipy import stats
from scored import dataset

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import Question
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.statistics.tables import StatisticsFiles, statistics_of, write_statistics
from modellab.tasks import parse_scorer, parse_task


def test_an_interval_is_near_that_of_scipys_bootstrap(bench):
    quiz = bench(200)
    found = row(rows_of(quiz, quiz.model("a", GOOD)).estimates, component="value_accuracy")
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
    estimates = rows_of(quiz, quiz.model("a", GOOD[:100], na=na)).estimates
    found = row(estimates, component="na_recall")
    assert (found.value, found.n_scored, found.questions, found.units) == (0.5, 2, 2, 2)
    # two rows say next to nothing
    assert found.low < 0.1 and found.high > 0.9
    alike = row(
        rows_of(quiz, quiz.model("a", GOOD[:100], na=[1.0] * 100)).estimates, component="na_recall"
    )
    # n / (n + t^2), Student's t of two degrees of freedom
    assert alike.high == 1.0
    assert alike.low == pytest.approx(2 / (2 + 4.302653**2))


def test_equal_systems_do_not_differ(bench):
    quiz = bench(20)
    found = rows_of(quiz, *(quiz.model(name, GOOD[:20]) for name in "abc"))
    pairs = [pair for pair in found.comparisons if pair.component == "overall"]
    assert [(pair.difference, pair.p_value, pair.distinguishable) for pair in pairs] == [
        (0, 1, False)
    ] * 3
    places = [place for place in found.ranks if place.component == "overall"]
    assert [place.rank for place in places] == [1, 1, 1]
    assert places[0].not_distinguishable_from == "b@bm25;c@bm25"


def test_systems_that_differ_everywhere(bench):
    quiz = bench(12)
    found = rows_of(quiz, quiz.model("a", [1] * 12), quiz.model("b", [0] * 12))
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


def test_what_may_not_be_the_best_is_at_most_second(bench):
    quiz = bench(40)
    marks = {"a": 38, "b": 36, "c": 27, "d": 25, "e": 31}
    found = rows_of(quiz, *(quiz.model(n, [1] * k + [0] * (40 - k)) for n, k in marks.items()))
    places = {place.system: place for place in found.ranks if place.component == "overall"}
    # significantly worse than none by Holm's correction over all pairs, and outside of the set
    assert "e@bm25" in places["a@bm25"].not_distinguishable_from
    assert not places["e@bm25"].may_be_best
    assert places["e@bm25"].rank_low == 2


def test_ranks_go_by_tests_on_the_questions_that_both_have(bench):
    quiz = bench(100)
    easy = [1] * 42 + [0] * 8 + [1] * 50
    found = rows_of(
        quiz,
        quiz.part("a", easy, range(50)),
        quiz.part("b", [1] * 65 + [0] * 35, range(100)),
    )
    pair = row(found.comparisons, component="value_accuracy")
    assert (pair.n, pair.difference, pair.distinguishable) == (50, pytest.approx(-0.16), True)
    # 0.84 of its own fifty questions is more than 0.65 of all, and less on the same fifty
    assert [
        (place.rank, place.rank_low, place.rank_high, place.may_be_best, place.shared_questions)
        for place in found.ranks
        if place.component == "value_accuracy"
    ] == [(1, 2, 2, False, 50), (2, 1, 1, True, 50)]


def test_repeats_of_a_question_are_no_new_questions(bench):
    quiz = bench(30)
    once = rows_of(quiz, quiz.model("a", GOOD[:30]))
    thrice = rows_of(quiz, quiz.model("a", [[mark] * 3 for mark in GOOD[:30]], repeats=3))
    a, b = (row(t.estimates, component="value_accuracy") for t in (once, thrice))
    assert (a.low, a.high) == (pytest.approx(b.low), pytest.approx(b.high))
    assert (b.n_scored, b.units) == (90, 30)


@pytest.mark.slow
def test_the_order_of_models_changes_no_number(bench):
    quiz = bench(50, 5)
    a, b = quiz.model("a", GOOD[:55]), quiz.model("b", BAD[:55])
    one, other = rows_of(quiz, a, b), rows_of(quiz, b, a)
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
        rows_of(quiz, wrong)


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
        [Question(f"q{n}", f"? {n}", {}, {"record": "{}"}, ()) for n in range(4)],
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


def test_a_score_of_which_all_questions_are_alike_has_an_interval(bench):
    quiz = bench(5)
    found = rows_of(quiz, quiz.model("a", [1] * 5, reference=[0.5] * 5)).estimates
    constant = row(found, component="ref_overlap")
    assert constant.low < 0.5 < constant.high
    none = row(found, component="na_recall")
    assert (none.low, none.high, none.no_interval) == (None, None, "no value")
    assert (none.questions, none.units) == (0, 0)


def test_one_error_does_not_raise_the_lower_end(bench):
    quiz = bench(30)
    models = [quiz.model(f"m{k}", [1.0] * (30 - k) + [0.0] * k) for k in range(6)]
    for component in ("value_accuracy", "overall"):
        found = [r for r in rows_of(quiz, *models).estimates if r.component == component]
        lows = [one.low for one in found]
        assert lows == sorted(lows, reverse=True) and len(set(lows)) == 6
        assert found[0].high == 1.0 and found[0].low < 0.93


def test_the_doubt_of_components_is_in_the_overall(bench):
    """All right, but inventing on both unanswerable questions; and all right."""
    quiz = bench(28, 2)
    good = quiz.model("perfect", [1.0] * 30)
    invents = quiz.model("invents", [1.0] * 30, na=[1.0] * 28 + [0.0, 0.0])
    found = rows_of(quiz, good, invents).estimates
    perfect = row(found, component="overall", model="perfect")
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert 0.75 < perfect.low < 0.92
    worse = row(found, component="overall", model="invents")
    assert worse.value == pytest.approx(0.9)
    assert worse.low < 0.86
    assert 0.93 < worse.high < 1.0


def test_repeats_of_an_unanswerable_question_are_one_unit(bench):
    quiz = bench(20, 3)
    marks = [[1.0] * 5 for _ in range(23)]
    found = row(
        rows_of(quiz, quiz.model("a", marks, na=[1.0] * 23, repeats=5)).estimates,
        component="na_recall",
    )
    assert (found.n_scored, found.questions, found.units) == (15, 3, 3)
    # three questions, not fifteen rows
    assert found.low == pytest.approx(3 / (3 + 3.182446**2))


def control(model):
    summaries = tuple(replace(summary, control=True) for summary in model.scores.summaries)
    return replace(model, scores=replace(model.scores, summaries=summaries))


def test_controls_are_in_no_family_and_have_no_rank(bench):
    quiz = bench(200)
    pair = [quiz.model("good", GOOD), quiz.model("bad", BAD)]
    best, worst = (control(quiz.model(n, v * np.ones(200))) for n, v in (("gold", 1), ("no", 0)))
    alone, beside = rows_of(quiz, *pair), rows_of(quiz, *pair, best, worst)
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
    assert [ranks[f"{n}@bm25"].may_be_best for n in ("good", "gold")] == [True, None]
    # resampling moves a contender among contenders only
    assert {r.rank_low for r in ranks.values()} <= {1, 2, None}
    assert {r.rank_high for r in ranks.values()} <= {1, 2, None}
    assert ranks["gold@bm25"].not_distinguishable_from == ""
