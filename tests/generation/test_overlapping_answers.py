"""Time, tokens and cost where answers overlap or are asked again: a real client, a real server."""

import json

import pytest
from api_samples import KEY, options
from fault_server import bad, good, serving

from modellab.core.io.jsonl import read_json, read_rows, write_rows
from modellab.core.records import Context, Passage, Prediction, Question, Status
from modellab.evaluation.diagnostics.efficiency import EVERY, efficiency
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.evaluation.score import ScoreJob, score_model
from modellab.generation.predict import PredictionJob, predict
from modellab.tasks import parse_scorer, parse_task

PASSAGES = tuple(Passage(f"d#{n}", "d", n, 1.0, f"passage{n}", "Title") for n in (1, 2, 3))
PROMPT = (
    "{% block user %}{{ question }}{% for p in passages %} {{ p.text }}{% endfor %}{% endblock %}"
)
PRICES = "as_of: '2026-01-01'\nprices: {openai/m: {input: 1000, output: 10000}}\n"
SECONDS = 0.3


def reply(value):
    return json.dumps({"answer_value": value, "ref_id": ["d"]})


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Twenty questions, and what becomes of asking `model` them."""
    monkeypatch.setenv("TEST_KEY", KEY)
    (tmp_path / "prices.yaml").write_text(PRICES)
    (tmp_path / "prompt.jinja").write_text(PROMPT)
    truth = {"answer_value": "5", "answer_unit": "", "ref_id": "['d']"}
    questions = [Question(f"q{n}", f"What is {n}?", {}, truth, ("d",)) for n in range(20)]
    write_rows(tmp_path / "questions.jsonl", questions)
    contexts = [Context(question.id, "bm25", PASSAGES, shown=1) for question in questions]
    write_rows(tmp_path / "bm25.jsonl", contexts)

    def run(model, limit=20):
        write_rows(tmp_path / "questions.jsonl", questions[:limit])
        job = PredictionJob(
            model="m",
            dataset="quiz",
            options=model.model_copy(update={"prices": tmp_path / "prices.yaml"}),
            task=parse_task("wattbot"),
            prompt=tmp_path / "prompt.jinja",
            questions=tmp_path / "questions.jsonl",
            contexts={"bm25": tmp_path / "bm25.jsonl"},
            journal=tmp_path / "journal.jsonl",
            seed=0,
        )
        predict(job, tmp_path / "out.jsonl", tmp_path / "run.json")
        return Results(tmp_path)

    return run


FIELDS = parse_task("wattbot").fields


class Results:
    def __init__(self, folder):
        self.rows = read_rows(folder / "out.jsonl", Prediction)
        self.run = read_json(folder / "run.json")
        job = ScoreJob(
            model="m",
            dataset="quiz",
            task=parse_task("wattbot"),
            scorer=parse_scorer("v3"),
            missing="incorrect",
            provider="openai",
            model_id="m",
            local=False,
            size_b=None,
        )
        names = ("questions.jsonl", "out.jsonl", "run.json", "s.csv", "s.json")
        score_model(job, *(folder / name for name in names))
        [self.summary] = read_json(folder / "s.json")["summaries"]
        self.efficiency = dict(
            efficiency(read_prediction_frame(folder / "out.jsonl", FIELDS), self.run, {})
        )


def test_ten_at_once_take_the_time_of_two_rounds_and_not_of_twenty(bench):
    with serving(lambda body, number: good(reply("5"), seconds=SECONDS)) as server:
        found = bench(options(server.url, max_concurrent=10))
    clock = found.run["generate_seconds"]
    assert 2 * SECONDS <= clock < sum(row.latency_seconds for row in found.rows)
    assert sum(row.seconds_per_answer for row in found.rows) == pytest.approx(clock)
    summary = found.summary
    assert summary["total_time_seconds"] == pytest.approx(clock)
    assert summary["items_per_second"] == pytest.approx(20 / clock)
    assert summary["output_tokens_per_second"] == pytest.approx(40 / clock)
    assert summary["avg_latency_seconds"] >= SECONDS
    latencies = sum(row.latency_seconds for row in found.rows)
    assert summary["mean_concurrency"] == pytest.approx(latencies / clock)
    assert 1 < summary["mean_concurrency"] <= 10
    table = found.efficiency["bm25"]
    assert table["items_per_second"].value == pytest.approx(20 / clock)
    assert table["output_tokens_per_second"].value == pytest.approx(40 / clock)
    assert table["generation_seconds"].value == pytest.approx(clock)


def test_the_clocks_of_all_runs_count_after_a_resume(bench):
    with serving(lambda body, number: good(reply("5"), seconds=0.05)) as server:
        model = options(server.url, max_concurrent=4)
        first = bench(model, limit=8)
        both = bench(model)
        again = bench(model)
    clocks = [made["generate_seconds"] for made in both.run["runs"]]
    assert (len(clocks), clocks[0]) == (2, first.run["generate_seconds"])
    assert both.summary["total_time_seconds"] == pytest.approx(sum(clocks))
    # what comes from the journal is the same to the last digit
    assert again.rows == both.rows
    assert (again.run["generated"], again.summary) == (0, both.summary)


def test_each_asking_of_a_blank_row_counts(bench):
    """Half of the questions are asked three times: 40 askings, 20 rows."""

    def play(body, number):
        text = body["messages"][-1]["content"]
        odd = int(text.split("?")[0].split()[-1]) % 2
        done = odd or "passage3" in text
        return good(reply("5" if done else "is_blank"), 1000 * text.count("passage"), 50)

    with serving(play) as server:
        found = bench(options(server.url, max_concurrent=1, retry_on_abstain=2))
    assert len(server.bodies) == found.run["generated"] == 40
    # 10 rows of 1,000 tokens, and 10 of 1,000 + 2,000 + 3,000
    assert found.summary["input_tokens"] == 70_000
    assert found.summary["output_tokens"] == 2_000
    dollars = 70_000 * 1000e-6 + 2_000 * 10_000e-6
    assert found.summary["estimated_cost_usd"] == pytest.approx(dollars)
    assert found.run["model_report"]["spent_usd_at_most"] == pytest.approx(dollars)
    assert [row.asked for row in found.rows[:2]] == [3, 1]
    assert found.summary["total_time_seconds"] == pytest.approx(found.run["generate_seconds"])
    # of rows, not of askings
    seconds = found.run["generate_seconds"]
    assert found.efficiency[EVERY]["items_per_second"].value == pytest.approx(20 / seconds)
    [made] = found.run["runs"]
    assert made["rows"] == 40


def test_a_model_that_fails_at_once_is_not_fast(bench):
    def play(body, number):
        odd = int(body["messages"][-1]["content"].split("?")[0].split()[-1]) % 2
        return good(reply("5"), seconds=SECONDS) if odd else bad(400)

    with serving(play) as server:
        found = bench(options(server.url, max_concurrent=10, max_retries=0))
    assert found.summary["statuses"]["failed"] == 10
    assert found.summary["avg_latency_seconds"] >= SECONDS
    mean = found.efficiency["bm25"]["mean_generation_seconds"]
    assert found.summary["avg_latency_seconds"] == mean.value
    assert (found.summary["latency_n"], mean.n_scored, mean.n_failed) == (10, 10, 10)
    assert {row.status for row in found.rows} == {Status.FAILED, Status.ANSWERED}


def test_a_failure_that_was_tried_in_another_run_takes_no_time_of_the_answer(bench):
    answers = iter([bad(400, "content_filter"), good(reply("5"), seconds=0.05)])
    with serving(lambda body, number: next(answers)) as server:
        model = options(server.url, max_retries=0)
        lost = bench(model, limit=1)
        found = bench(model, limit=1)
    assert lost.rows[0].status == Status.FAILED
    [row] = found.rows
    assert row.seconds_per_answer == pytest.approx(found.run["generate_seconds"])
    assert row.status == Status.ANSWERED
