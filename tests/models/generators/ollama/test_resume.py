"""Whole prediction jobs: answered questions are never asked again."""

import json

import pytest
from ollama_requests import options

from modellab.core.io.jsonl import read_json, write_rows
from modellab.core.records import Context, Passage, Question
from modellab.generation.predict import PredictionJob, predict
from modellab.tasks import parse_task

PASSAGE = Passage("d#1", "d", 1, 1.0, "It used 5 kWh.", "Title")


@pytest.fixture
def job(ollama, tmp_path):
    ollama.reply = lambda body: '{"answer_value": "5", "ref_id": ["d"]}'
    questions = [Question(f"q{n}", f"How much is {n}?", {}, {}, ()) for n in range(6)]
    write_rows(tmp_path / "questions.jsonl", questions)
    contexts = [Context(question.id, "bm25", (PASSAGE,)) for question in questions]
    write_rows(tmp_path / "bm25.jsonl", contexts)
    prompt = tmp_path / "prompt.jinja"
    prompt.write_text("{% block user %}{{ question }}{% endblock %}")
    return PredictionJob(
        model="m",
        dataset="quiz",
        options=options(ollama, max_retries=0),
        task=parse_task("wattbot"),
        prompt=prompt,
        questions=tmp_path / "questions.jsonl",
        contexts={"bm25": tmp_path / "bm25.jsonl"},
        journal=tmp_path / "journal.jsonl",
        seed=0,
    )


def run(job, tmp_path):
    predict(job, tmp_path / "out.jsonl", tmp_path / "run.json")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    return [row["status"] for row in rows], read_json(tmp_path / "run.json")


def test_only_what_failed_is_asked_again(ollama, job, tmp_path):
    ollama.faults = [0.0, 500, "cut", lambda server: None, 404]
    statuses, record = run(job, tmp_path)
    assert statuses == ["answered", "failed", "failed", "answered", "failed", "answered"]
    assert record["model_report"]["unloaded"] is True
    assert record["model_report"]["server"] == ollama.url

    ollama.requests.clear()
    statuses, _ = run(job, tmp_path)
    assert statuses == ["answered"] * 6
    assert len(ollama.asked("/api/chat")) == 3


def test_a_finished_run_loads_nothing(ollama, job, tmp_path):
    run(job, tmp_path)
    ollama.loads.clear()
    run(job, tmp_path)
    assert ollama.loads == []


def test_new_weights_are_asked_again(ollama, job, tmp_path):
    run(job, tmp_path)
    ollama.find("qwen3:4b").weights = "newer"
    ollama.requests.clear()
    run(job, tmp_path)
    assert len(ollama.asked("/api/chat")) == 6
