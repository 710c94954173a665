"""Models behind servers, and GPUs for models that hold them, through the whole workflow."""

import json

import fault_server
import ollama_server
import pytest

pytestmark = pytest.mark.workflow
MODELS = "  published: {provider: submission, path: published.csv}\n"
SECRET = "sk-very-secret-value-123"


def add_model(project, entry):
    project.edit("config.yaml", MODELS, MODELS + entry)


def files_with(folder, text):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if text.encode() in path.read_bytes()]


@pytest.fixture
def env(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return monkeypatch


def test_an_api_with_faults_loses_no_row_and_no_key(project, env):
    reply = json.dumps({"answer_value": "232", "ref_id": ["meena"]})

    def play(body, number):
        # every third request goes wrong once
        return fault_server.bad(500) if number % 3 == 0 else fault_server.good(reply)

    env.setenv("TEST_KEY", SECRET)
    with fault_server.serving(play) as server:
        env.setenv("TEST_URL", server.url)
        add_model(
            project,
            "  api: {provider: litellm, model: openai/m, api_key_env: TEST_KEY, "
            "base_url_env: TEST_URL, retrievers: [oracle]}\n",
        )
        run = project.run("results/quiz/scores/api.json")
    assert run.code == 0, run.text
    assert run.jobs()["predictions_server"] == 1
    rows = project.rows("results/quiz/predictions/api.jsonl")
    assert len(rows) == 6
    assert {row["status"] for row in rows} == {"answered"}
    assert sum(row["retries"] for row in rows) >= 1
    sent = [{name.lower(): value for name, value in headers.items()} for headers in server.headers]
    assert all(SECRET in headers["authorization"] for headers in sent)
    assert files_with(project.folder, SECRET) == []


def test_a_missing_key_is_named(project, env):
    env.delenv("TEST_KEY", raising=False)
    add_model(project, "  api: {provider: litellm, model: openai/m, api_key_env: TEST_KEY}\n")
    run = project.run("results/quiz/scores/api.json")
    assert run.code == 1
    assert "the environment variable TEST_KEY is not set" in run.text


def test_an_ollama_model_leaves_the_server_empty(project, env):
    with ollama_server.serving(ollama_server.Spec("qwen3:4b")) as server:
        env.setenv("OLLAMA_HOST", server.url)
        entry = "  qwen: {provider: ollama, model: 'qwen3:4b', retrievers: [none]}\n"
        add_model(project, entry)
        run = project.run("results/quiz/scores/qwen.json")
        assert run.code == 0, run.text
        assert server.resident() == []
        assert len(server.loads) == 1
    rows = project.rows("results/quiz/predictions/qwen.jsonl")
    assert len(rows) == 6
    assert all(row["error_class"] is None and row["completion_tokens"] for row in rows)


def test_each_job_gets_its_own_gpu(project, env, tmp_path):
    env.setenv("MODELLAB_GPUS", "fake0,fake1")
    env.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    project.edit("config.yaml", "    device: cpu\n", "")
    targets = [f"results/quiz/predictions/{name}.jsonl" for name in ("tiny", "plain")]
    run = project.run(*targets, "--resources", "gpu=2")
    assert run.code == 0, run.text
    given = project.json("results/quiz/runs/tiny.json")["machine"]["visible_gpus"]
    assert given in ("fake0", "fake1")
    assert project.json("results/quiz/runs/plain.json")["machine"]["visible_gpus"] == ""


def test_more_gpus_than_the_run_may_use_are_refused(project):
    project.edit("config.yaml", "    device: cpu\n", "    gpus: 2\n")
    run = project.run()
    assert run.code != 0
    assert "models.tiny: needs 2 GPUs, but this run may use 1" in run.text
    assert not project.path("results").exists()


def test_more_gpus_than_there_are_is_one_line(project, env, tmp_path):
    env.setenv("MODELLAB_GPUS", "fake0")
    env.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    project.edit("config.yaml", "    device: cpu\n", "    gpus: 2\n")
    run = project.run("results/quiz/predictions/tiny.jsonl", "--resources", "gpu=2")
    assert run.code == 1
    assert "needs 2 GPUs, but the pool has 1: fake0" in run.text


def test_one_quick_model_needs_no_entry(project):
    arguments = ["provider=extractive", "threshold=0.2", "limit=3"]
    run = project.run("quick", "--config", *arguments)
    assert run.code == 0, run.text
    assert "extractive" in run.text
    assert len(project.rows("results/quiz/predictions/extractive.jsonl")) == 3 * 6
    assert not project.path("results/quiz/predictions/plain.jsonl").exists()
