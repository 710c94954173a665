"""A real model on this machine as judge: held to the form it scores, in free text it fails."""

from pathlib import Path

import pytest
from judge_samples import PROMPTS, run, write_benchmark
from tiny_model import write_tiny_model

from modellab.judging import parse_judge
from modellab.judging.judge import JudgeJob
from modellab.models.generators.transformers.options import TransformersOptions

ANSWERS = {"q1": "It took 1287 MWh.", "q2": "Google did.", "q3": None}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("weights") / "tiny", positions=2048)


def local_job(folder, weights, answer_format):
    judge = parse_judge(
        {
            "kind": "rubric",
            "model": "m",
            "metrics": ["relevance"],
            "repeats": 2,
            "retries": 1,
            "max_new_tokens": 16,
        }
    ).with_model(
        TransformersOptions(
            provider="transformers",
            model=str(weights),
            device="cpu",
            answer_format=answer_format,
        )
    )
    return JudgeJob(
        task="wattbot",
        judge="local",
        dataset="quiz",
        models=["m"],
        options=judge,
        prompts=list(judge.prompt_files(Path(PROMPTS)).values()),
        questions=folder / "questions.jsonl",
        predictions={"m": folder / "predictions.jsonl"},
        contexts={"bm25": folder / "bm25.jsonl"},
        chunks=None,
        retrievers=None,
        journal=folder / "journal.jsonl",
        seed=1,
    )


def test_a_constrained_model_gives_scores_and_the_same_ones_again(tmp_path, weights):
    job = local_job(write_benchmark(tmp_path / "one", ANSWERS), weights, "json_schema")
    rows, record = run(job, tmp_path)
    scored = [row for row in rows if row["state"] == "scored"]
    assert {row["value"] for row in scored} <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert {(row["question_id"], row["judge_repeat"]) for row in scored} <= {
        (question, repeat) for question in ("q1", "q2") for repeat in (1, 2)
    }
    assert scored
    assert record["fingerprint"]["weights"]
    # an abstention is no answer that relevance could be judged of
    assert {row["state"] for row in rows if row["question_id"] == "q3"} == {"not_applicable"}

    again, _ = run(
        local_job(write_benchmark(tmp_path / "two", ANSWERS), weights, "json_schema"), tmp_path
    )
    assert [row["value"] for row in again] == [row["value"] for row in rows]


def test_a_model_that_babbles_fails_and_gets_no_default_score(tmp_path, weights):
    job = local_job(write_benchmark(tmp_path / "one", ANSWERS), weights, "text")
    rows, record = run(job, tmp_path)
    asked = [row for row in rows if row["question_id"] != "q3"]
    assert len(asked) == 4
    assert {row["state"] for row in asked} == {"failed"}
    assert {row["reason"] for row in asked} <= {"parse", "cut"}
    assert {row["value"] for row in asked} == {None}
    # the first try and one retry of each
    assert {row["calls"] for row in asked} == {2}
    assert record["states"]["failed"] == 4
