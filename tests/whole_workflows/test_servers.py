"""Models behind servers, and GPUs for models that hold them, through the whole workflow."""

import json

import fault_server
import ollama_server
import pytest

pytestmark = pytest.mark.workflow
SECRET = "sk-very-secret-value-123"
API = "provider: litellm, model: {}, api_key_env: TEST_KEY, base_url_env: TEST_URL"
SPLIT = "split: {kind: query_decomposition, of: bm25, model: planner, per_query: 1, top_k: 3}"
ADDED = {
    "  oracle: {kind: oracle}\n": f"  {SPLIT}\n",
    "models:\n": f"  planner: {{{API.format('openai/p')}, enabled: false}}\n",
    "  published: {provider: submission, path: published.csv}\n": (
        f"  api: {{{API.format('openai/m')}, retrievers: [oracle]}}\n"
        "  qwen: {provider: ollama, model: 'qwen3:4b', retrievers: [none]}\n"
    ),
}
CONTEXTS, RANKINGS = (f"results/quiz/{part}/split.jsonl" for part in ("contexts", "rankings"))


def play(body, number):
    """The model fails at every third request, once; the planner has no plan for the penguins."""
    if body["model"] == "p":
        asked = str(body["messages"])
        if "penguins" in asked:
            return fault_server.good("I would rather not.")
        query = "cooling PUE average" if "PUE" in asked else "Meena chat model"
        return fault_server.good(json.dumps({"queries": [query, "water litres Arizona"]}))
    reply = json.dumps({"answer_value": "232", "ref_id": ["meena"]})
    return fault_server.bad(500) if number % 3 == 0 else fault_server.good(reply)


@pytest.fixture(scope="module")
def served(new_project, tmp_path_factory):
    """An API with faults, a server that holds models, a planner, and a model with its own GPU."""
    folder = tmp_path_factory.mktemp("servers")
    project = new_project(folder / "project")
    for line, more in ADDED.items():
        project.edit("config.yaml", line, line + more)
    project.edit("config.yaml", "    device: cpu\n", "")
    scores = [f"results/quiz/scores/{name}.json" for name in ("api", "qwen", "tiny", "published")]
    with (
        pytest.MonkeyPatch.context() as env,
        fault_server.serving(play) as server,
        ollama_server.serving(ollama_server.Spec("qwen3:4b")) as ollama,
    ):
        for name, value in {
            "NO_PROXY": "127.0.0.1",
            "TEST_KEY": SECRET,
            "TEST_URL": server.url,
            "OLLAMA_HOST": ollama.url,
            "MODELLAB_GPUS": "fake0,fake1",
            "MODELLAB_GPU_FOLDER": str(folder / "locks"),
        }.items():
            env.setenv(name, value)
        run = project.run(*scores, CONTEXTS, RANKINGS, "--resources", "gpu=2")
        assert run.code == 0, run.text
        assert ollama.resident() == []
        assert len(ollama.loads) == 1
    return project, run, server


def test_servers_and_gpus_side_by_side(served):
    project, run, server = served
    assert run.jobs()["predictions_server"] == 2
    api, qwen = (project.rows(f"results/quiz/predictions/{name}.jsonl") for name in ("api", "qwen"))
    assert {row["status"] for row in api} == {"answered"}
    assert all(row["error_class"] is None and row["completion_tokens"] for row in qwen)
    assert len(api) == len(qwen) == 6
    # no row is lost, and no key is kept
    assert sum(row["retries"] for row in api) >= 1
    sent = [{name.lower(): value for name, value in headers.items()} for headers in server.headers]
    assert all(SECRET in headers["authorization"] for headers in sent)
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    runs = {name: project.json(f"results/quiz/runs/{name}.json") for name in ("tiny", "published")}
    assert runs["tiny"]["machine"]["visible_gpus"] in ("fake0", "fake1")
    assert runs["published"]["machine"]["visible_gpus"] == ""


def test_searches_that_a_model_plans(served):
    project, run, server = served
    assert run.jobs()["query_plans_server"] == 1
    assert [body["model"] for body in server.bodies].count("p") == 6
    contexts = {row["question_id"]: row for row in project.rows(CONTEXTS)}
    found = {
        name: [passage["document_id"] for passage in row["passages"]]
        for name, row in contexts.items()
    }
    assert found["q3"] == ["pue", "water"]
    assert found["q1"] == ["gpt", "meena", "water"]
    assert (contexts["q1"]["plan"], contexts["q6"]["plan"]) == ("planned", "unparsed")
    plans = {row["question_id"]: row for row in project.rows("results/quiz/plans/split.jsonl")}
    assert plans["q6"]["raw"] == "I would rather not."
    states = project.json("results/quiz/plans/runs/split.json")["states"]
    assert states == {"planned": 5, "unparsed": 1, "failed": 0}
