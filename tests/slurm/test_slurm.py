"""The same benchmark as jobs of a real SLURM: partitions, GPUs, failures, kills."""

import json

import pytest
from slurm.conftest import BROKEN, LONG, PLOT

pytestmark = [pytest.mark.workflow, pytest.mark.slurm]
MODELS = ("tiny", "long")


def count_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture(scope="module")
def first(benchmark):
    """The first run: a model fails, and one is cancelled; exit code, output, answers that it kept."""
    journal = benchmark.path("results/world/journal/long.jsonl")
    code, text = benchmark.run_and_cancel(
        "long", (PLOT, BROKEN, LONG), lambda: count_lines(journal) >= 5
    )
    return code, text, count_lines(journal)


def test_the_benchmark_runs_to_its_plots(benchmark, first):
    assert benchmark.path(PLOT).stat().st_size > 10_000, first
    # real answers, of a model that reads
    [read] = json.loads(benchmark.path("results/world/scores/tiny.json").read_text())["summaries"]
    assert read["value_accuracy"] >= 0.5


def test_jobs_land_in_their_partitions(benchmark, first):
    assert len(benchmark.jobs_of("predictions_gpu")) >= len(MODELS)
    partitions = {
        rule: {job["Partition"] for job in benchmark.jobs_of(rule)}
        for rule in ("predictions_gpu", "predictions_local", "scores", "plots")
    }
    assert partitions == {
        "predictions_gpu": {"gpu"},
        "predictions_local": {"cpu"},
        # seconds of work, done where the run was started
        "scores": set(),
        "plots": set(),
    }
    others = [job for job in benchmark.cluster.jobs() if "predictions" not in job["Comment"]]
    assert len(others) >= 2
    assert {job["Partition"] for job in others} == {"cpu"}


def test_jobs_at_the_same_time_have_different_gpus(benchmark, first):
    tiny, long = (benchmark.job_of("predictions_gpu", model) for model in MODELS)
    assert tiny["StartTime"] < long["EndTime"] and long["StartTime"] < tiny["EndTime"]
    gpus = {model: visible_gpus(benchmark, model) for model in (*MODELS, "plain")}
    assert gpus["plain"] == ""
    assert {gpus["tiny"], gpus["long"]} <= {"0", "1"}
    assert (tiny["NodeList"], gpus["tiny"]) != (long["NodeList"], gpus["long"])


def visible_gpus(benchmark, model):
    """The GPUs that the first run of a model saw."""
    runs = json.loads(benchmark.path(f"results/world/journal/{model}.runs.json").read_text())
    return runs[min(runs)]["machine"]["visible_gpus"]


def test_threads_of_the_rule_reach_the_job(benchmark, first):
    threads = {
        model: json.loads(benchmark.path(f"results/world/runs/{model}.json").read_text())[
            "machine"
        ]["threads"]
        for model in ("tiny", "plain")
    }
    assert threads == {"tiny": 1, "plain": 2}
    assert benchmark.job_of("predictions_gpu", "tiny")["CPUs/Task"] == "1"
    assert benchmark.job_of("predictions_local", "plain")["CPUs/Task"] == "2"


def test_what_fails_is_reported_with_its_log_and_what_was_cancelled_resumes(benchmark, first):
    code, text, kept = first
    assert code == 1, text
    [line] = [line for line in text.splitlines() if line.startswith(f"FAILED {BROKEN}: ")]
    assert "resources: not a model folder (it has no config.json)" in line
    assert "(log: results/logs/predictions/world/broken.log)" in line
    assert f"FAILED {LONG}: killed from outside" in text
    assert text.count("FAILED results/") == 2, text
    assert 5 <= kept < 60
    assert not benchmark.path(LONG).exists()

    run = benchmark.run(PLOT, LONG)
    assert run.returncode == 0, run.stderr
    record = json.loads(benchmark.path("results/world/runs/long.json").read_text())
    assert record["reused"] == kept
    assert record["generated"] == 60 - kept
