"""Records of runs by hand, and the files of a finished one."""

import json

import pytest

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json
from modellab.core.records import Metric, ModelScores, Outcome, Summary
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.compare.verdict import verdict_on, write_verdict
from modellab.reporting.registry.making import FinishedRun
from modellab.reporting.registry.records import Project, RecordedMetric, RecordedModel, RunRecord


def record(state="a", dataset="quiz", score=0.5, **changes):
    metrics = (
        RecordedMetric("plain@bm25", "value_accuracy", score, 6, 1),
        RecordedMetric("plain@bm25", "overall", score, 6, 1),
        RecordedMetric("plain@bm25", "correctness", 4.0, 5, 1, judge="strict"),
    )
    values = {
        "run": f"20261121-080000-{dataset}-{state}",
        "timestamp": "2026-11-21T08:00:00Z",
        "dataset": dataset,
        "state": state,
        "config": "c",
        "project": Project("0123456789abcdef", "main", True),
        "author": "somebody",
        "task": "wattbot",
        "scorer": "v3",
        "questions": 6,
        "overall": "overall",
        "models": {"plain": RecordedModel("extractive", "words | <b>", "i" * 64, 6, 1.5)},
        "judges": {},
        "retrievers": ("bm25",),
        "metrics": metrics,
        "durations": {"predictions": 1.5, "judgements": None},
        "versions": {"python": "3.11"},
    }
    return RunRecord(**{**values, **changes})


def summary(retriever, value):
    """Of the retriever `oracle`: a control."""
    metrics = {"value_accuracy": Metric(value, 4, 1), "overall": Metric(value, 4, 1)}
    return Summary(
        retriever=retriever,
        num_questions=4,
        repeats=1,
        coverage=1.0,
        statuses={"answered": 3, "failed": 1},
        metrics=metrics,
        outcomes=dict.fromkeys(Outcome, 0) | {"right": 2, "wrong": 1, "failed": 1},
        abstention_precision=Metric(None, 0),
        abstention_recall=Metric(None, 0),
        avg_latency_seconds=0.1,
        p50_latency_seconds=0.1,
        p95_latency_seconds=0.1,
        total_time_seconds=0.4,
        input_tokens=None,
        output_tokens=None,
        estimated_cost_usd=None,
        total_retries=0,
        control=retriever == "oracle",
    )


def write_scores(folder, name, **values):
    """Scores and the record of how a model's answers were made; `values` by retriever."""
    scores = ModelScores(
        name=name,
        dataset="quiz",
        task="wattbot",
        scorer="v3",
        missing="incorrect",
        llm_provider="extractive",
        model_id=f"id-{name}",
        local=True,
        size_b=None,
        summaries=tuple(summary(retriever, value) for retriever, value in values.items()),
    )
    from dataclasses import asdict

    write_json(folder / "scores" / f"{name}.json", asdict(scores))
    runs = [
        {"run": "1", "wall_seconds": 2.0, "versions": {"torch": "1"}},
        {"run": "2", "wall_seconds": 3.5, "versions": {"torch": "2"}},
        {"run": "killed"},
    ]
    made = {"fingerprint": {"weights": name}, "rows": 4, "runs": runs, "wall_seconds": 3.5}
    write_json(folder / "runs" / f"{name}.json", made)


def rating(status="good", value=0.9):
    cells = {"metric": "mrr", "subject": "bm25 (chunk)", "value": value, "n_scored": 4}
    return {**cells, "n_failed": 0, "status": status, "good": 0.8, "counts": True}


def write_judged(folder):
    rows = [
        {"judge": "strict", "model": "one", "retriever": "bm25", "metric": "correctness"}
        | {"value": 4.5, "n_scored": 3, "n_failed": 1},
        {"judge": "strict", "model": "two", "retriever": "bm25", "metric": "correctness"}
        | {"value": None, "n_scored": 0, "n_failed": 4},
    ]
    write_csv(folder / "judge_scores.csv", list(rows[0]), rows)
    job = {"judge": "strict", "models": ["one", "two"], "rows": 8, "generate_seconds": 1.25}
    write_json(folder / "judged" / "strict.json", job)


@pytest.fixture
def finished(tmp_path):
    """Two models, one of them with two retrievers, and a judge."""
    folder = tmp_path / "quiz"
    write_scores(folder, "one", bm25=0.25, oracle=1.0)
    write_scores(folder, "two", bm25=0.5)
    write_judged(folder)
    write_json(folder / "status.json", {"status": "good", "metrics": [rating()]})
    summaries = [folder / "scores" / f"{name}.json" for name in ("one", "two")]
    write_verdict(folder / "verdict.json", verdict_on(list(map(read_scores, summaries))))
    return FinishedRun(
        dataset="quiz",
        summaries=summaries,
        runs=[folder / "runs" / f"{name}.json" for name in ("one", "two")],
        judged=[folder / "judged" / "strict.json"],
        judge_scores=folder / "judge_scores.csv",
        status=folder / "status.json",
        verdict=folder / "verdict.json",
        config={"seed": 1},
        judges={"strict": {"kind": "rubric", "model_id": "openai/m", "family": None}},
        retrievers=["bm25", "oracle"],
        missing=[],
    )


def change_json(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
