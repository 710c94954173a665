from dataclasses import replace
from math import sqrt

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.io.jsonl import read_json, write_json, write_rows
from modellab.core.records import (
    Metric,
    Outcome,
    Plan,
    PlanStatus,
    Prediction,
    Question,
    RepeatNoise,
    ResourceUsage,
    Status,
)
from modellab.evaluation.compare.score_files import read_scored_model
from modellab.evaluation.score import ScoreJob, repeat_noise, score_model, scored_row
from modellab.tasks import parse_scorer, parse_task
from modellab.tasks.scorer import Material

MADE_BY = ("fingerprint", "seed", "prompt", "runs")


def question(name, value):
    truth = {"answer_value": value, "answer_unit": "MWh", "ref_id": "['d']"}
    return Question(name, f"{name}?", {}, truth, ("d",))


def prediction(name, value, status=Status.ANSWERED, **more):
    answer = {"answer_value": value, "answer_unit": "MWh", "ref_id": '["d"]'} if value else {}
    return Prediction(name, "bm25", 1, status, answer, None, "", **more)


QUESTIONS = [question("q1", "5"), question("q2", "6"), question("q3", "7")]
ANSWERS = [
    prediction("q1", "5", latency_seconds=1.0, seconds_per_answer=0.5, prompt_tokens=10),
    prediction("q2", "9", latency_seconds=3.0, seconds_per_answer=1.0, prompt_tokens=None),
    prediction("q3", "", Status.MISSING),
]


@pytest.fixture
def scored(tmp_path):
    def run(missing="incorrect", answers=ANSWERS, runs=(), plan=None, questions=QUESTIONS):
        write_rows(tmp_path / "q.jsonl", questions)
        write_rows(tmp_path / "p.jsonl", answers)
        write_json(tmp_path / "run.json", {**dict.fromkeys(MADE_BY, "x"), "runs": runs})
        job = ScoreJob(
            model="m",
            dataset="quiz",
            task=parse_task("wattbot"),
            scorer=parse_scorer("v3"),
            missing=missing,
            provider="submission",
            model_id="file",
            local=True,
            size_b=None,
        )
        paths = [tmp_path / name for name in ("q.jsonl", "p.jsonl", "run.json", "s.csv", "s.json")]
        searches, plans = tmp_path / "searches" / "bm25.json", tmp_path / "plans" / "bm25.jsonl"
        write_json(searches, {"search_seconds": 1.0, "planner": "m", "starts_from": []})
        write_rows(plans, [plan] if plan else [])
        found = {"searches": [searches], "plans": [plans]} if plan else {}
        score_model(job, *paths, **found)
        return read_scored_model(paths[4], paths[3]), read_json(paths[4])

    return run


def test_counts_and_means_by_hand(scored):
    model, _ = scored()
    [summary] = model.scores.summaries
    assert summary.metrics["value_accuracy"].value == pytest.approx(1 / 3)
    assert summary.metrics["value_accuracy"].n_scored == 3
    assert summary.metrics["value_accuracy"].n_failed == 1
    assert summary.coverage == pytest.approx(2 / 3)
    assert summary.outcomes == {
        **dict.fromkeys(Outcome, 0),
        "right": 1,
        "wrong": 1,
        "missing": 1,
    }
    assert summary.statuses["missing"] == 1


def test_answers_that_are_the_reference_letter_by_letter_are_counted(scored):
    unanswerable = replace(question("q3", "is_blank"), unanswerable=True)
    declined = prediction("q3", "is_blank", Status.ABSTAINED)
    same = [
        Prediction(one.id, "bm25", 1, Status.ANSWERED, {**one.reference, "answer": "x"}, None, "")
        for one in QUESTIONS[:2]
    ]

    def verbatim(*answers):
        model, _ = scored(answers=answers, questions=[*QUESTIONS[:2], unanswerable])
        return model.scores.summaries[0].verbatim

    assert verbatim(*same, declined) == 3
    other_words = replace(same[1], answer={**same[1].answer, "answer_value": "6.0"})
    assert verbatim(same[0], other_words, replace(declined, status=Status.ANSWERED)) == 1
    assert verbatim(same[0], replace(same[1], answer={}), declined) == 2


def test_inner_join_leaves_missing_rows_out_but_shows_coverage(scored):
    model, _ = scored(missing="ignore")
    [summary] = model.scores.summaries
    assert summary.metrics["value_accuracy"].value == pytest.approx(1 / 2)
    assert summary.metrics["value_accuracy"].n_scored == 2
    assert summary.coverage == pytest.approx(2 / 3)


def test_times_and_tokens_only_of_rows_that_report_them(scored):
    [summary] = scored()[0].scores.summaries
    assert summary.avg_latency_seconds == pytest.approx(2.0)
    assert summary.latency_n == 2
    assert summary.total_time_seconds == summary.generation.seconds == 1.5
    assert summary.items_per_second == pytest.approx(2 / 1.5)
    assert summary.seconds_per_answer == 0.75
    assert summary.mean_concurrency == pytest.approx(4.0 / 1.5)
    assert summary.input_tokens == 10
    assert summary.output_tokens is None
    assert summary.estimated_cost_usd is None


def test_percentiles_stay_between_the_observed(scored):
    answers = [prediction("q1", "5", latency_seconds=s) for s in (1.0, 2.0, 3.0, 4.0, 5.0)]
    [summary] = scored(answers=answers)[0].scores.summaries
    assert summary.p50_latency_seconds == 3.0
    assert summary.p95_latency_seconds == pytest.approx(4.8)


def test_nothing_scored_has_no_number(scored):
    answers = [prediction(name, "", Status.MISSING) for name in ("q1", "q2", "q3")]
    [summary] = scored(missing="ignore", answers=answers)[0].scores.summaries
    assert summary.metrics["overall"].value is None
    assert summary.metrics["overall"].n_scored == 0


def test_the_file_has_the_published_names_beside_the_counts(scored):
    _, data = scored()
    [summary] = data["summaries"]
    assert summary["overall_score"] == summary["metrics"]["overall"]["value"]
    assert summary["na_accuracy"] == summary["metrics"]["na_recall"]["value"]
    assert summary["error_count"] == 0
    assert set(data["made_by"]) == set(MADE_BY)


def test_the_noise_between_repeats(scored):
    again = [replace(row, repeat=2) for row in (prediction("q1", "5"), prediction("q2", "6"))]
    model, published = scored(answers=[*ANSWERS, *again, replace(ANSWERS[2], repeat=2)])
    [summary] = model.scores.summaries
    noise = summary.repeat_noise["value_accuracy"]
    # one of three is right, then two of three
    assert (noise.range, noise.repeats) == (pytest.approx(1 / 3), 2)
    assert noise.sd == pytest.approx(1 / 3 / 2**0.5)
    [record] = published["summaries"]
    assert record["overall_score_repeat_sd"] == summary.repeat_noise["overall"].sd


def test_one_repeat_has_no_noise(scored):
    _, published = scored()
    [record] = published["summaries"]
    assert record["overall_score_repeat_sd"] is None


def test_failed_requests_are_in_no_latency_but_in_the_time(scored):
    lost = prediction("q2", "", Status.FAILED, latency_seconds=0.0, seconds_per_answer=0.5)
    answers = [prediction("q1", "5", latency_seconds=1.0, seconds_per_answer=1.0), lost]
    [summary] = scored(answers=answers)[0].scores.summaries
    assert (summary.avg_latency_seconds, summary.p95_latency_seconds) == (1.0, 1.0)
    assert (summary.latency_n, summary.statuses["failed"]) == (1, 1)
    assert summary.total_time_seconds == 1.5
    assert summary.items_per_second == pytest.approx(1 / 1.5)


def plan(cost):
    return Plan(
        *("q1", "bm25", PlanStatus.PLANNED, ("a",), 0, None, "k", 3.0),
        prompt_tokens=100,
        completion_tokens=20,
        cost_usd=cost,
    )


def test_what_finding_the_passages_took_is_in_the_system(scored):
    answers = [
        prediction(
            name, "5", seconds_per_answer=1.0, prompt_tokens=10, completion_tokens=2, cost_usd=0.5
        )
        for name in ("q1", "q2")
    ]
    [summary] = scored(answers=answers, plan=plan(0.25))[0].scores.summaries
    assert summary.generation == ResourceUsage(2.0, 20, 4, 1.0)
    assert summary.retrieval == ResourceUsage(4.0, 100, 20, 0.25)
    assert summary.total_time_seconds == 6.0
    assert (summary.input_tokens, summary.output_tokens) == (120, 24)
    assert summary.estimated_cost_usd == 1.25
    # the model answers as fast as it does, whatever searched for it
    assert summary.items_per_second == 1.0


def test_a_cost_that_is_not_known_is_none(scored):
    answers = [prediction("q1", "5", cost_usd=0.5), prediction("q2", "6")]
    [summary] = scored(answers=answers)[0].scores.summaries
    assert summary.estimated_cost_usd is None
    answers = [prediction("q1", "5", cost_usd=0.5)]
    [summary] = scored(answers=answers, plan=plan(None))[0].scores.summaries
    assert (summary.generation.cost_usd, summary.estimated_cost_usd) == (0.5, None)


@pytest.mark.parametrize(
    ("measured", "alone"),
    [
        ([True, True], True),
        ([True, False], False),
        ([True, None], None),
        ([None, False], False),
        ([], None),
    ],
)
def test_times_beside_other_work_say_so(scored, measured, alone):
    runs = [{"measured_alone": one} for one in measured]
    [summary] = scored(runs=runs)[0].scores.summaries
    assert summary.measured_alone is alone


@each(
    ("cited", "mark"),
    [
        ('["kept"]', 1.0),
        # a submission that was made with the names in the file of questions
        ('["twin"]', 1.0),
        ("TWIN", 1.0),
        ('["twin", "other"]', 0.5),
        ('["kept", "twin"]', 0.5),
        ('["else"]', 0.0),
    ],
)
@each("scorer", ["v1", "v3", "v4", "validator"])
def test_a_reference_counts_under_either_name(cited, mark, scorer):
    truth = {"answer_value": "5", "ref_id": "kept"}
    asked = Question("q", "?", {}, truth, ("kept",), aliases={"twin": "kept"})
    answer = Prediction(
        "q", "r", 1, Status.ANSWERED, {"answer_value": "5", "ref_id": cited}, None, ""
    )
    rules = parse_scorer(scorer).make(parse_task("wattbot"), Material([asked], [answer]))
    row = scored_row(rules, asked, answer)
    assert row.marks["ref_score"] == mark
    assert row.answer["ref_id"] == cited


def noise(*values):
    return repeat_noise([{"overall": Metric(value, 3)} for value in values])["overall"]


def test_the_noise_of_repeats_by_hand():
    found = noise(0.5, 0.7, 0.6)
    assert found == RepeatNoise(pytest.approx(0.1), pytest.approx(0.2), 3)
    assert noise(0.0, 1.0).sd == pytest.approx(sqrt(0.5))


def test_one_value_has_no_noise():
    assert noise(0.5) == RepeatNoise(None, None, 1)
    assert repeat_noise([]) == {}


def test_repeats_without_a_value_are_not_zero():
    assert noise(0.5, None, 0.5) == RepeatNoise(0.0, 0.0, 2)
    assert noise(0.5, None) == RepeatNoise(None, None, 1)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.randoms())
def test_noise_has_bounds_and_no_order(values, random):
    found = noise(*values)
    assert 0 <= found.sd <= found.range + 1e-12 <= 1 + 1e-12
    mixed = list(values)
    random.shuffle(mixed)
    assert noise(*mixed).sd == pytest.approx(found.sd)
    assert noise(*mixed).range == found.range


@given(st.floats(0, 1), st.integers(2, 6))
def test_equal_scores_have_no_noise(value, repeats):
    assert noise(*[value] * repeats) == RepeatNoise(0.0, 0.0, repeats)
