"""The same benchmark as jobs of a real SLURM: partitions, GPUs, failures, kills."""

import csv
import json
import time
from itertools import combinations

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.slurm]
MODELS = ("tiny-one", "tiny-two")


def count_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def job_of(benchmark, rule, model):
    [job] = [job for job in benchmark.jobs_of(rule) if job["Comment"].endswith(model)]
    return job


def test_the_benchmark_runs_to_its_plots(benchmark):
    assert benchmark.first.returncode == 0, benchmark.first.stderr
    with benchmark.path("results/world/leaderboard.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["model"] for row in rows} == {*MODELS, "plain"}
    # real answers, of a model that reads: it is given the right passage
    read = {row["model"]: row["value_accuracy"] for row in rows if row["retriever"] == "oracle"}
    assert min(float(read[model]) for model in MODELS) > 0.6
    assert benchmark.path("results/world/plots/overall_ranking.png").stat().st_size > 10_000


def test_jobs_land_in_their_partitions(benchmark):
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


def test_jobs_at_the_same_time_have_different_gpus(benchmark):
    used = {}
    for model in MODELS:
        job = job_of(benchmark, "predictions_gpu", model)
        run = json.loads(benchmark.path(f"results/world/runs/{model}.json").read_text())
        gpu = run["machine"]["visible_gpus"]
        assert gpu in ("0", "1")
        used[model] = (job["StartTime"], job["EndTime"], (job["NodeList"], gpu))
    together = [
        (a, b) for a, b in combinations(used.values(), 2) if max(a[0], b[0]) < min(a[1], b[1])
    ]
    assert together, f"no two jobs ran at the same time: {used}"
    assert [pair for pair in together if pair[0][2] == pair[1][2]] == []
    plain = json.loads(benchmark.path("results/world/runs/plain.json").read_text())
    assert plain["machine"]["visible_gpus"] == ""


def test_threads_of_the_rule_reach_the_job(benchmark):
    threads = {
        model: json.loads(benchmark.path(f"results/world/runs/{model}.json").read_text())[
            "machine"
        ]["threads"]
        for model in ("tiny-one", "plain")
    }
    assert threads == {"tiny-one": 1, "plain": 2}
    assert job_of(benchmark, "predictions_gpu", "tiny-one")["CPUs/Task"] == "1"
    assert job_of(benchmark, "predictions_local", "plain")["CPUs/Task"] == "2"


def test_what_fails_is_reported_with_its_log_and_what_was_cancelled_resumes(benchmark):
    target = "results/world/predictions/long.jsonl"
    journal = benchmark.path("results/world/journal/long.jsonl")
    with benchmark.start("results/world/predictions/broken.jsonl", target) as process:
        while count_lines(journal) < 5 and process.poll() is None:
            time.sleep(0.05)
        benchmark.cluster.ask("scancel", job_of(benchmark, "predictions_gpu", "long")["JobId"])
        said = process.communicate()[0]
    kept = count_lines(journal)
    assert process.returncode == 1, said
    assert (
        "FAILED results/world/predictions/broken.jsonl: resources: not a model folder "
        "(it has no config.json) (log: results/logs/predictions/world/broken.log)"
    ) in said
    assert 5 <= kept < 60
    assert f"FAILED {target}: killed from outside" in said
    assert not benchmark.path(target).exists()

    run = benchmark.run(target)
    assert run.returncode == 0, run.stderr
    record = json.loads(benchmark.path("results/world/runs/long.json").read_text())
    assert record["reused"] == kept
    assert record["generated"] == 60 - kept
