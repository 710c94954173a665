"""Entries that start their own server, in a whole workflow: on a GPU, as a judge, and dying."""

import json

import pytest
import yaml
from served_models import entry

pytestmark = pytest.mark.workflow
PREDICTIONS = "results/quiz/predictions/own.jsonl"
JUDGEMENTS = "results/quiz/judgements/strict.jsonl"
TEXT = json.dumps({"answer_value": "232", "ref_id": ["meena"], "score": 4})


@pytest.fixture
def served(project, tmp_path, monkeypatch):
    """A benchmark of a served model on a made-up GPU, and the file that says when it dies."""
    monkeypatch.setenv("MODELLAB_GPUS", "fake0")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    weights, lives = project.path("model.gguf"), project.path("lives")
    weights.write_bytes(b"GGUF weights")
    options = ["--die-after", str(lives), "--bodies", str(project.path("bodies")), "--text", TEXT]
    model = entry(weights, *options, gpus=1, max_concurrent=1)
    judge = entry(weights, "--text", TEXT)
    config = {
        "datasets": {"quiz": {"questions": "quiz.csv"}},
        "models": {"own": model},
        "judges": {"strict": {"kind": "rubric", "metrics": ["correctness"], "model": judge}},
    }
    project.path("config.yaml").write_text(yaml.safe_dump(config))
    return lives


def test_a_server_that_dies_fails_its_job_and_the_same_command_asks_the_rest(project, served):
    served.write_text("4")
    run = project.run(PREDICTIONS, "--resources", "gpu=1")
    assert run.code == 1
    assert f"FAILED {PREDICTIONS}: connection: the server ended (by SIGKILL)" in run.text
    assert "4 of 6 answers exist and are kept" in run.text
    assert "CUDA out of memory" in run.text

    served.write_text("1000")
    run = project.run(PREDICTIONS, JUDGEMENTS, "--resources", "gpu=1")
    assert run.code == 0, run.text
    assert run.jobs()["predictions_gpu"] == run.jobs()["judgements_local"] == 1
    assert len(project.path("bodies").read_text().splitlines()) == 6
    assert [row["status"] for row in project.rows(PREDICTIONS)] == ["answered"] * 6
    assert all(row["value"] == 4 for row in project.rows(JUDGEMENTS))
    record = project.json("results/quiz/runs/own.json")
    assert record["model_report"]["server"]["model"]["root"] == "weights"
    assert "serving" in project.path("results/logs/predictions/quiz/own.server.log").read_text()
