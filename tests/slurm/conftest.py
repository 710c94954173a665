"""A cluster, and a benchmark for it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from slurm.cluster import running_cluster, why_not
from tiny_model import write_tiny_model

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "rules", "scripts", "modellab", "profiles", "envs", "resources")
#: where a missing SLURM is a failure: continuous integration that could install it
REQUIRED = "MODELLAB_SLURM_TESTS"
#: the profile as it is shipped, but for accounts (there are none here) and patience
QUICK = {
    "--slurm-status-command": "squeue",
    "--slurm-init-seconds-before-status-checks": "1",
    "--latency-wait": "10",
    "--set-threads": "predictions_gpu=1",
}
#: the plug-in waits ten seconds longer after each check that finds no ended job
PROGRAM = """
from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(lambda _: 0.5, lambda *_: None)
main()
"""
PLOT = "results/world/plots/overall_ranking.png"
# `long` and `broken` are asked for by name only
BROKEN, LONG = (f"results/world/predictions/{model}.jsonl" for model in ("broken", "long"))
CONFIG = """\
limit: 6
corpora:
  tiny-world: {path: resources/tiny-world/corpus.jsonl}
datasets:
  world:
    corpus: tiny-world
    questions: resources/tiny-world/questions.csv
    prompt: resources/prompts/tiny_reader.jinja
retrievers:
  bm25: {kind: bm25, top_k: 5}
models:
  tiny:
    provider: transformers
    model: resources/models/tiny-reader-0.4m
    dtype: float32
    max_new_tokens: 32
  plain: {provider: extractive, threshold: 0.2, threads: 2}
  long:
    provider: transformers
    model: weights
    enabled: false
    temperature: 0.5
    max_new_tokens: 48
    batch_tokens: 1
    repeats: 10
  broken: {provider: transformers, model: resources, device: cpu, enabled: false}
plots: [overall_ranking]
"""


@dataclass
class Benchmark:
    """A checkout, and the cluster that its jobs go to."""

    folder: Path
    cluster: object

    def run(self, *targets):
        return subprocess.run(self.command(*targets), **self.how(), capture_output=True, text=True)

    def run_and_cancel(self, job, targets, reached):
        """Run, and cancel a model's job on the cluster when something is reached: code, output."""
        with tempfile.TemporaryFile("w+") as output:
            with subprocess.Popen(
                self.command(*targets), **self.how(), stdout=output, stderr=subprocess.STDOUT
            ) as process:
                while not reached() and process.poll() is None:
                    time.sleep(0.05)
                self.cluster.ask("scancel", self.job_of("predictions_gpu", job)["JobId"])
            output.seek(0)
            return process.returncode, output.read()

    def command(self, *targets):
        # the executor ignores SIGTERM while it waits for its jobs
        limited = ["timeout", "--kill-after=10", "400", sys.executable, "-c", PROGRAM]
        quick = [word for option in QUICK.items() for word in option]
        return [*limited, *targets, "--workflow-profile", "slurm", "--slurm-no-account", *quick]

    def how(self):
        # more threads than any rule has: those of the rule must win
        env = {**self.cluster.environment(), "COLUMNS": "200", "OMP_NUM_THREADS": "5"}
        return {"cwd": self.folder, "env": env}

    def path(self, path):
        return self.folder / path

    def jobs_of(self, rule):
        """The cluster's jobs of a rule, found by the comment of their submission."""
        return [
            job for job in self.cluster.jobs() if job.get("Comment", "").startswith(f"rule_{rule}")
        ]

    def job_of(self, rule, model):
        [job] = [job for job in self.jobs_of(rule) if job["Comment"].endswith(model)]
        return job


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory):
    problem = why_not()
    if problem and os.environ.get(REQUIRED) == "required":
        pytest.fail(f"SLURM tests are required here: {problem}")
    if problem:
        pytest.skip(problem)
    folder = tmp_path_factory.mktemp("slurm")
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    (folder / "config.yaml").write_text(CONFIG)
    write_tiny_model(folder / "weights", positions=4096)
    with running_cluster() as cluster:
        yield Benchmark(folder, cluster)
