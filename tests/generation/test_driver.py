"""What holds for all that ask a model: GPUs for the job alone, and one set of keys in records."""

import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from judge_samples import PROMPTS, write_benchmark
from judge_samples import job as judge_job
from judge_samples import run as judge
from scripted_model import ScriptedModel, ScriptedOptions

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_rows
from modellab.core.records import Question
from modellab.core.retry_rounds import last_round
from modellab.generation.asking_job import AskingJob, limited
from modellab.generation.driver import Driver
from modellab.generation.query_plans import PlanJob, plan_queries

VISIBLE = "CUDA_VISIBLE_DEVICES"
SEEN = []


class GpuOptions(ScriptedOptions):
    """It notes which GPUs it sees when it is opened."""

    def gpu_need(self):
        return 1

    @contextmanager
    def open(self, seed, answer_schema):
        SEEN.append(os.environ.get(VISIBLE))
        yield ScriptedModel(self.script)


@pytest.fixture
def plan(tmp_path, monkeypatch):
    SEEN.clear()
    monkeypatch.setenv("MODELLAB_GPUS", "fake0")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    write_rows(tmp_path / "questions.jsonl", [Question("q1", "Why?", {}, {}, ())])
    (tmp_path / "prompt.jinja").write_text("{% block user %}{{ question }}{% endblock %}")
    return PlanJob(
        retriever="split",
        dataset="quiz",
        model="gpu",
        options=GpuOptions(script={("q1", 0): '{"queries": ["a"]}'}),
        max_queries=2,
        prompt=tmp_path / "prompt.jinja",
        questions=tmp_path / "questions.jsonl",
        journal=tmp_path / "journal.jsonl",
        seed=None,
        slots_per_gpu=1,
    )


@pytest.mark.parametrize(("slots", "seen"), [(1, "fake0"), (None, None)])
def test_a_job_holds_its_gpus_unless_its_caller_does(plan, tmp_path, slots, seen):
    plan_queries(replace(plan, slots_per_gpu=slots), tmp_path / "out.jsonl", tmp_path / "run.json")
    assert [seen] == SEEN
    assert VISIBLE not in os.environ


def test_more_gpus_than_there_are_never_start(plan):
    class Two(GpuOptions):
        def gpu_need(self):
            return 2

    with pytest.raises(InputError, match="needs 2 GPUs"), limited(plan, "m", "w", [Two(script={})]):
        raise AssertionError("it has started")


def test_records_have_one_set_of_keys(plan, tmp_path):
    plan_queries(plan, tmp_path / "out.jsonl", tmp_path / "run.json")
    planned = read_json(tmp_path / "run.json")
    folder = write_benchmark(tmp_path / "bench")
    _, judged = judge(judge_job(folder, lambda _: '{"score": 3}', Path(PROMPTS)), folder)
    driver = Driver(AskingJob(journal=tmp_path / "no.jsonl", seed=None), "w", plan.options, {})
    with driver.asking():
        assert driver.ask([]) == []
    shared = driver.resource_usage().keys() | {"model_id", "fingerprint", "seed", "rows"}
    assert shared <= planned.keys()
    assert shared <= judged.keys()
    assert (planned["generated"], [run["rows"] for run in planned["runs"]]) == (1, [1])
    driver.end()
    assert last_round(tmp_path / "no.jsonl").open == 0
