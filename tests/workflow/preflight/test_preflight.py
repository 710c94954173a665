"""Checks before a run: every provider reports what it lacks, and no secret is ever shown."""

import json

import ollama_server
import pytest
from typer.testing import CliRunner

from modellab.config.answering import refuse_impossible_gpus
from modellab.config.loading import load_config
from modellab.core.errors import InputError, Severity
from modellab.models.registry import parse_model
from modellab.workflow.cli.app import app
from modellab.workflow.preflight import check_disk, check_gpus, check_slurm, preflight

SECRET = "sk-very-secret-value-123"


@pytest.fixture
def env(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("MODELLAB_GPUS", "fake-h200-0,fake-h200-1")
    return monkeypatch


def findings(**model):
    return [(f.level, f.message) for f in parse_model(model).preflight("model m")]


def test_an_ollama_server_reports_its_version_and_models(env):
    with ollama_server.serving(ollama_server.Spec("qwen3:4b")) as server:
        there = findings(provider="ollama", model="qwen3:4b", base_url=server.url)
        missing = findings(provider="ollama", model="llama3.2:3b", base_url=server.url)
    assert [level for level, _ in there] == [Severity.OK, Severity.OK]
    assert missing[-1] == (Severity.FAILURE, "the server does not have llama3.2:3b")


def test_a_key_is_looked_for_and_not_shown(env):
    env.setenv("TEST_KEY", SECRET)
    found = findings(provider="litellm", model="mistral/small", api_key_env="TEST_KEY")
    assert found == [(Severity.OK, "TEST_KEY is set")]


def test_a_server_that_is_not_there_is_a_failure(env):
    [(level, message)] = findings(
        provider="litellm", model="openai/m", base_url="http://127.0.0.1:9/v1"
    )
    assert level is Severity.FAILURE
    assert message.startswith("http://127.0.0.1:9/v1 does not answer")


def test_the_size_of_a_model_folder_is_compared_with_the_free_memory(env, tmp_path):
    from tiny_model import write_tiny_model

    folder = str(write_tiny_model(tmp_path / "weights"))
    there = findings(provider="transformers", model=folder, device="cpu")
    assert there[0] == (Severity.OK, f"{folder} is there")
    assert there[1][0] is Severity.OK
    small = findings(provider="transformers", model=folder, device="cpu", vram_limit_gb=0.000001)
    assert small[1][0] is Severity.FAILURE
    assert "are free on cpu" in small[1][1]


def test_a_folder_without_a_model_is_a_failure(env, tmp_path):
    with pytest.raises(InputError, match=r"not a model folder \(it has no config.json\)"):
        findings(provider="transformers", model=str(tmp_path), device="cpu")


def test_a_required_gpu_must_be_there(env):
    assert [f.level for f in check_gpus("H200")] == [Severity.OK]
    [missing] = check_gpus("L40S")
    assert missing.level is Severity.FAILURE
    assert missing.message == "no L40S here (found: fake-h200-0, fake-h200-1)"


def test_a_wrong_pool_is_a_failure_and_not_a_crash(env):
    env.setenv("MODELLAB_GPUS", "fake0,fake0")
    [found] = check_gpus()
    assert (found.level, found.message) == (
        Severity.FAILURE,
        "MODELLAB_GPUS: names one GPU twice: fake0",
    )


def test_little_disk_is_a_warning(env, monkeypatch):
    from shutil import _ntuple_diskusage

    monkeypatch.setattr("shutil.disk_usage", lambda _: _ntuple_diskusage(2**40, 2**40, 2**30))
    [found] = check_disk()
    assert (found.level, found.message.split(" at ")[0]) == (Severity.WARNING, "1 GiB free")


def test_without_slurm_its_commands_are_named(env, tmp_path):
    env.setenv("PATH", str(tmp_path))
    assert list(check_slurm())[-1].message == "no sbatch, squeue, scancel, sinfo here"


def test_a_missing_slurm_plugin_is_a_failure(env):
    env.setattr("modellab.workflow.preflight.PLUGIN", "no_such_plugin")
    first = next(check_slurm())
    assert (first.level, first.message) == (Severity.FAILURE, "not installed")
    assert first.advice == "pip install -e '.[slurm]'"


CONFIG = """\
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
retrievers:
  none: {kind: none}
models:
  plain: {provider: extractive}
  api: {provider: litellm, model: mistral/small, api_key_env: TEST_KEY}
"""


QUIZ = "id,question,answer_value,answer_unit,ref_id\nq1,How much?,5,kWh,a\n"


def test_the_command_ends_with_1_where_a_run_would_fail(env, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    (tmp_path / "quiz.csv").write_text(QUIZ)
    (tmp_path / "config.yaml").write_text(CONFIG)
    env.chdir(tmp_path)
    env.setenv("TEST_KEY", SECRET)
    fine = CliRunner().invoke(app, ["preflight", "--json", "found.json"])
    assert fine.exit_code == 0, fine.output
    text = (tmp_path / "found.json").read_text()
    assert SECRET not in text + fine.output
    levels = {f["subject"]: f["level"] for f in json.loads(text)["findings"]}
    assert levels["model plain"] == levels["model api"] == levels["corpus notes"] == "ok"

    env.delenv("TEST_KEY")
    wrong = CliRunner().invoke(app, ["preflight"])
    assert wrong.exit_code == 1
    assert "the environment variable TEST_KEY is not set" in " ".join(wrong.output.split())


SYNTHETIC = """\
corpora:
  notes: {path: notes}
datasets:
  quiz:
    corpus: notes
    questions: results/synthesis/made/questions.jsonl
    format: jsonl
    task: open_qa
embedders:
  lsa: {kind: tfidf-svd}
retrievers:
  bm25: {kind: bm25}
models:
  plain: {provider: extractive}
  reader: {provider: litellm, model: mistral/small, api_key_env: TEST_KEY}
synthesize:
  made:
    corpus: notes
    model: reader
    checkers: [{provider: litellm, model: mistral/other, api_key_env: OTHER_KEY}]
judges:
  strict:
    kind: rubric
    metrics: [correctness]
    model: {provider: litellm, model: mistral/third, api_key_env: THIRD_KEY}
query_logs:
  asked: {corpus: notes, questions: asked.csv, retriever: bm25, embedder: lsa}
"""


def test_what_a_run_makes_itself_and_models_that_others_bring(env, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    (tmp_path / "asked.csv").write_text("question\n")
    (tmp_path / "config.yaml").write_text(SYNTHETIC)
    env.chdir(tmp_path)
    for name in ("TEST_KEY", "OTHER_KEY", "THIRD_KEY"):
        env.setenv(name, SECRET)
    said = {f.subject: f.message for f in preflight(load_config([tmp_path / "config.yaml"]))}
    assert said["dataset quiz"] == "results/synthesis/made/questions.jsonl: the run makes it"
    assert said["query log asked"] == "asked.csv (1 file)"
    assert said["model reader"] == "TEST_KEY is set"
    assert said["synthesis made, checkers.0"] == "OTHER_KEY is set"
    assert said["judge strict, model"] == "THIRD_KEY is set"


NAMED = """\
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv, task: open_qa, format: jsonl}
retrievers:
  bm25: {kind: bm25}
  split: {kind: query_decomposition, of: bm25, model: planner}
models:
  plain: {provider: extractive}
  planner: {provider: litellm, enabled: false, model: mistral/small, api_key_env: TEST_KEY}
  marker: {provider: transformers, enabled: false, model: org/large, gpus: 4}
  maker: {provider: litellm, enabled: false, model: mistral/new, api_key_env: TEST_KEY}
  unused: {provider: litellm, enabled: false, model: mistral/old, api_key_env: NOT_SET}
judges:
  strict: {kind: rubric, metrics: [correctness], model: marker}
synthesize:
  made: {corpus: notes, model: maker, checkers: [planner]}
"""


def test_models_that_only_judge_plan_or_make_questions_are_looked_at(env, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("text")
    (tmp_path / "quiz.csv").write_text("question,answer\nWhy?,x\n")
    (tmp_path / "config.yaml").write_text(NAMED)
    env.chdir(tmp_path)
    env.setenv("TEST_KEY", SECRET)
    env.setenv("HF_HUB_OFFLINE", "1")
    config = load_config([tmp_path / "config.yaml"])
    said = {f.subject: f.message for f in preflight(config)}
    assert said["model planner"] == said["model maker"] == "TEST_KEY is set"
    assert "model marker" in said
    assert "model unused" not in said
    with pytest.raises(InputError, match=r"models\.marker: needs 4 GPUs"):
        refuse_impossible_gpus(config, 1)


def test_the_files_of_a_judges_own_model_must_be_there(env, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "quiz.csv").write_text("question,answer\nWhy?,x\n")
    own = NAMED.replace("model: marker", "model: {provider: transformers, model: ./gone}")
    (tmp_path / "config.yaml").write_text(own)
    env.chdir(tmp_path)
    with pytest.raises(InputError, match=r"judges\.strict\.model\.model: gone: no such file"):
        load_config([tmp_path / "config.yaml"])


def test_a_controller_that_says_nothing_is_a_failure_and_not_a_crash(env, tmp_path):
    for name in ("sbatch", "squeue", "scancel", "sacct", "sinfo"):
        (tmp_path / name).write_text("#!/bin/sh\necho >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    env.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = [f.message for f in check_slurm() if f.subject == "slurm"]
    assert len(found) == 1
    assert found[0].startswith("the controller does not answer: ")


def test_a_value_of_invalid_yaml_is_reported(env, tmp_path):
    wrong = CliRunner().invoke(app, ["preflight", "models={a: ["])
    assert wrong.exit_code == 1
    assert "--config models={a: [: not valid YAML" in wrong.output
