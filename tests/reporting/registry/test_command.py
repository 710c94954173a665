"""`modellab runs`: listing, showing, comparing."""

import json

import pytest
from reporting.registry.conftest import record
from typer.testing import CliRunner

from modellab.reporting.registry.log import RUNS, open_registry
from modellab.workflow.cli.app import app


@pytest.fixture
def results(tmp_path):
    with open_registry(tmp_path / "registry") as registry:
        registry.add(record("a", score=0.5))
        registry.add(record("b", score=0.625, config="d", verdict="It is plain."))
        registry.add(record("c", dataset="other"))
    return tmp_path


def runs(results, *arguments):
    return CliRunner().invoke(app, ["runs", *arguments, "--results", str(results)])


def test_runs_are_listed(results):
    lines = runs(results).output.splitlines()
    assert [line.split()[0] for line in lines] == [
        "run",
        *(f"20261121-080000-{name}" for name in ("quiz-a", "quiz-b", "other-c")),
    ]
    found = ["plain@bm25", "0.6250", "0123456789+changes", "somebody", "It", "is", "plain."]
    assert lines[2].split()[3:] == found
    assert len(runs(results, "--dataset", "other").output.splitlines()) == 2
    assert [one["state"] for one in json.loads(runs(results, "--json").output)] == ["a", "b", "c"]
    assert "no run is recorded" in runs(results / "none").output


def test_a_run_is_shown_and_two_are_compared(results):
    shown = runs(results, "20261121-080000-quiz-a").output
    assert shown.startswith("# 20261121-080000-quiz-a")
    assert json.loads(runs(results, "latest", "--json").output)["dataset"] == "other"
    compared = runs(results, "20261121-080000-quiz-a", "20261121-080000-quiz-b").output
    assert "settings: different" in compared
    assert "0.5000 (n=6)  0.6250 (n=6)  +0.1250" in compared
    found = json.loads(runs(results, "20261121-080000-quiz-a", "latest", "--json").output)
    assert found["metrics"][0]["difference"] == 0.0


def test_mistakes_and_broken_lines_are_reported(results):
    assert runs(results, "2026").exit_code == 1
    assert "3 runs have this prefix" in runs(results, "2026").output
    none = runs(results, "--dataset", "none").output
    assert "--dataset none: no run; choose from: other, quiz" in none
    assert "two are compared" in runs(results, "latest", "latest", "latest").output
    with (results / "registry" / RUNS).open("a") as handle:
        handle.write("broken\n")
    assert "warning:" in runs(results).output
    assert "runs.jsonl:4: not a run" in runs(results).output
