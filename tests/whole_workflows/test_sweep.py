"""Lists of models from the environment, a key per role, and local judges that lease GPUs."""

import csv
import json
import re

import fault_server
import pytest

from modellab.models.gpu import lease

pytestmark = pytest.mark.workflow
CONFIG = """\
seed: 1
datasets:
  quiz: {questions: quiz.csv}
  show:
    questions: show.csv
    format: {kind: label_csv, label: flag}
    task: {kind: label, labels: ["yes", "no"], positive: "yes"}
models:
  gen:
    provider: openai
    model: "{}"
    models_from_env: MISTRAL_GEN_MODELS
    api_key_env: GEN_KEY
    base_url_env: TEST_URL
    max_concurrent: 3
    datasets: [quiz]
  prod:
    provider: openai
    model: "{}"
    models_from_env: MISTRAL_JUDGE_MODELS
    api_key_env: PROD_KEY
    base_url_env: TEST_URL
    max_concurrent: 3
    datasets: [show]
judges:
  bm:
    kind: rubric
    models_from_env: MISTRAL_BM_JUDGE_MODELS
    model:
      provider: openai
      model: "{}"
      api_key_env: BM_KEY
      base_url_env: TEST_URL
      max_concurrent: 3
    metrics: [correctness]
    datasets: [quiz]
  local:
    kind: rubric
    model: {provider: transformers, model: weights}
    metrics: [relevance]
    max_new_tokens: 4
    retries: 0
    datasets: [quiz]
    models: [gen-g1]
"""
SHOW = 'text,flag\n"Sure, 5 MWh.",yes\n"I do not know.",no\n"Sure, Google.",yes\n'
KEYS = {"GEN_KEY": "sk-role-gen", "PROD_KEY": "sk-role-prod", "BM_KEY": "sk-role-bm"}
ROLES = {"g": KEYS["GEN_KEY"], "p": KEYS["PROD_KEY"], "j": KEYS["BM_KEY"]}


def play(body, number):
    asked = body["messages"][-1]["content"]
    said = {
        "g1": {"answer_value": "1287", "ref_id": ["gpt"], "explanation": "x"},
        "g2": {"answer_value": "is_blank", "ref_id": [], "explanation": "x"},
        "p1": {"label": "yes"},
        "p2": {"label": "yes" if "Sure" in asked else "no"},
        "j1": {"score": 5},
        "j2": {"score": 2},
    }
    return fault_server.good(json.dumps(said[body["model"]]), seconds=0.2)


def table(project, path):
    with project.path(f"results/{path}").open(newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def env(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("MISTRAL_GEN_MODELS", "g1,g2")
    monkeypatch.setenv("MISTRAL_JUDGE_MODELS", "p1,p2")
    monkeypatch.setenv("MISTRAL_BM_JUDGE_MODELS", "j1, j2")
    monkeypatch.setenv("MODELLAB_GPUS", "fake0,fake1")
    monkeypatch.setenv("MODELLAB_GPU_FOLDER", str(tmp_path / "locks"))
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_lists_of_models_make_a_sweep_and_generate_once(project, env):
    project.path("config.yaml").write_text(CONFIG)
    project.path("show.csv").write_text(SHOW)
    with fault_server.serving(play) as server:
        env.setenv("TEST_URL", server.url)
        # another program has fake0: two GPUs are allowed, and the local judge must take fake1
        with lease(1, job="another program", pool=["fake0"]):
            run = project.run("judge", "judge_pipeline", "--resources", "gpu=2", timeout=900)
        assert run.code == 0, run.text
        check_requests(server)
    check_tables(project)
    check_gpus(project)
    text = "".join(p.read_text(errors="replace") for p in project.path("results").rglob("*.json"))
    assert not re.search("sk-role", text)


def check_requests(server):
    """Each answer once, each judge once per answer, each role with its own key, side by side."""
    models = [body["model"] for body in server.bodies]
    assert {name: models.count(name) for name in models} == {
        "g1": 6,
        "g2": 6,
        "p1": 3,
        "p2": 3,
        "j1": 12,
        "j2": 12,
    }
    keys = {
        (body["model"][0], headers.get("Authorization") or headers["authorization"])
        for body, headers in zip(server.bodies, server.headers, strict=True)
    }
    assert keys == {(role, f"Bearer {key}") for role, key in ROLES.items()}
    # several calls of one job at a time, and never two jobs on one API
    assert 1 < server.highest <= 3


def check_tables(project):
    by_judge = table(project, "quiz/tables/judges/by_benchmark_judge.csv")
    means = {row["judge"]: float(row["value"]) for row in by_judge if row["judge"][:2] == "bm"}
    assert means == {"bm-j1": 5.0, "bm-j2": 2.0}
    by_generator = table(project, "quiz/tables/judges/by_generator.csv")
    spread = {
        row["model"]: (float(row["value"]), float(row["lowest"]), float(row["highest"]))
        for row in by_generator
        if row["metric"] == "correctness"
    }
    assert spread == {"gen-g1": (3.5, 2.0, 5.0), "gen-g2": (3.5, 2.0, 5.0)}
    production = table(project, "show/tables/judges/by_production_judge.csv")
    shares = [(row["model"], float(row["precision"]), float(row["recall"])) for row in production]
    assert shares == [("prod-p2", 1.0, 1.0), ("prod-p1", pytest.approx(2 / 3), 1.0)]
    assert [float(row["f1"]) for row in production] == [1.0, pytest.approx(0.8)]


def check_gpus(project):
    folder = "results/quiz/judgements"
    local = project.json(f"{folder}/runs/local.json")
    assert local["machine"]["visible_gpus"] == "fake1"
    server = project.json(f"{folder}/runs/bm-j1.json")
    assert server["machine"]["visible_gpus"] == ""
