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


def play(body, number):
    """Every third request goes wrong once."""
    reply = json.dumps({"answer_value": "232", "ref_id": ["meena"]})
    return fault_server.bad(500) if number % 3 == 0 else fault_server.good(reply)


def test_servers_and_gpus_side_by_side(project, env, tmp_path):
    """An API with faults, a server that holds models, and a model with its own GPU."""
    env.setenv("TEST_KEY", SECRET)
    env.setenv("MODELLAB_GPUS", "fake0,fake1")
    env.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    api = "api: {provider: litellm, model: openai/m, api_key_env: TEST_KEY, base_url_env: TEST_URL"
    add_model(project, f"  {api}, retrievers: [oracle]}}\n")
    add_model(project, "  qwen: {provider: ollama, model: 'qwen3:4b', retrievers: [none]}\n")
    project.edit("config.yaml", "    device: cpu\n", "")
    targets = [f"results/quiz/scores/{name}.json" for name in ("api", "qwen", "tiny", "published")]
    with (
        fault_server.serving(play) as server,
        ollama_server.serving(ollama_server.Spec("qwen3:4b")) as ollama,
    ):
        env.setenv("TEST_URL", server.url)
        env.setenv("OLLAMA_HOST", ollama.url)
        run = project.run(*targets, "--resources", "gpu=2")
        assert run.code == 0, run.text
        assert ollama.resident() == []
        assert len(ollama.loads) == 1
    assert run.jobs()["predictions_server"] == 2
    rows = {
        name: project.rows(f"results/quiz/predictions/{name}.jsonl") for name in ("api", "qwen")
    }
    assert {row["status"] for row in rows["api"]} == {"answered"}
    assert all(row["error_class"] is None and row["completion_tokens"] for row in rows["qwen"])
    assert len(rows["api"]) == len(rows["qwen"]) == 6
    # no row is lost, and no key is kept
    assert sum(row["retries"] for row in rows["api"]) >= 1
    sent = [{name.lower(): value for name, value in headers.items()} for headers in server.headers]
    assert all(SECRET in headers["authorization"] for headers in sent)
    assert files_with(project.folder, SECRET) == []
    runs = {name: project.json(f"results/quiz/runs/{name}.json") for name in ("tiny", "published")}
    assert runs["tiny"]["machine"]["visible_gpus"] in ("fake0", "fake1")
    assert runs["published"]["machine"]["visible_gpus"] == ""


def test_what_a_job_lacks_is_one_line(project, env, tmp_path):
    env.delenv("TEST_KEY", raising=False)
    env.setenv("MODELLAB_GPUS", "fake0")
    env.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    api = "provider: litellm, model: openai/m, api_key_env: TEST_KEY, retrievers: [none]"
    add_model(project, f"  api: {{{api}}}\n")
    project.edit("config.yaml", "    device: cpu\n", "    gpus: 2\n")
    targets = [f"results/quiz/predictions/{name}.jsonl" for name in ("api", "tiny")]
    run = project.run(*targets, "--resources", "gpu=2")
    assert run.code == 1
    assert "the environment variable TEST_KEY is not set" in run.text
    assert "needs 2 GPUs, but the pool has 1: fake0" in run.text


def test_one_quick_model_needs_no_entry(project):
    models = f"models:\n  plain: {{provider: extractive}}\n{MODELS}"
    project.path("config.yaml").write_text("datasets: {quiz: {questions: quiz.csv}}\n" + models)
    arguments = ["provider=extractive", "threshold=0.2", "limit=3"]
    run = project.run("quick", "--config", *arguments)
    assert run.code == 0, run.text
    assert "extractive" in run.text
    assert len(project.rows("results/quiz/predictions/extractive.jsonl")) == 3
    assert not project.path("results/quiz/predictions/plain.jsonl").exists()
