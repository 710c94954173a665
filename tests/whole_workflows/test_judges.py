"""Judges and lists of models through the whole workflow: a key per role, local judges that lease
GPUs, and what a new judge costs."""

import json

import fault_server
import pytest

from modellab.models.gpu import lease

pytestmark = pytest.mark.workflow
KEYS = {"GEN_KEY": "sk-role-gen", "PROD_KEY": "sk-role-prod", "BM_KEY": "sk-role-bm"}
#: by the first letter of a model's name
ROLES = {"g": KEYS["GEN_KEY"], "p": KEYS["PROD_KEY"], "j": KEYS["BM_KEY"]}
CONFIG = """\
seed: 1
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
  show:
    questions: show.csv
    format: {kind: label_csv, label: flag}
    task: {kind: label, labels: ["yes", "no"], positive: "yes"}
retrievers:
  bm25: {kind: bm25, top_k: 2}
models:
  gen:
    {provider: openai, model: "{}", models_from_env: GEN_MODELS, api_key_env: GEN_KEY,
     base_url_env: TEST_URL, max_concurrent: 3, datasets: [quiz]}
  prod:
    {provider: openai, model: "{}", models_from_env: PROD_MODELS, api_key_env: PROD_KEY,
     base_url_env: TEST_URL, max_concurrent: 3, datasets: [show]}
  plain: {provider: extractive, match: words, threshold: 0.2, family: reader, datasets: [quiz]}
  rare: {provider: extractive, threshold: 0.2, datasets: [quiz]}
judges:
  bm:
    kind: rubric
    models_from_env: JUDGE_MODELS
    model:
      {provider: openai, model: "{}", api_key_env: BM_KEY, base_url_env: TEST_URL,
       max_concurrent: 3}
    metrics: [correctness]
    models: [gen-g1, gen-g2]
    datasets: [quiz]
  strict:
    kind: rubric
    model:
      {provider: openai, model: j-strict, api_key_env: BM_KEY, base_url_env: TEST_URL,
       max_concurrent: 3}
    metrics: [correctness]
    models: [plain]
    datasets: [quiz]
  local:
    kind: rubric
    model: {provider: transformers, model: weights, answer_format: json_schema}
    metrics: [relevance]
    max_new_tokens: 16
    datasets: [quiz]
    models: [plain, rare]
judging:
  human_labels: {quiz: labels.csv}
"""
RAGAS = """\
  ragas:
    kind: ragas
    model:
      {provider: openai, model: j-ragas, api_key_env: BM_KEY, base_url_env: TEST_URL,
       max_concurrent: 3}
    metrics: [context_precision]
    models: [plain]
    datasets: [quiz]
judging:
"""
SHOW = 'text,flag\n"Sure, 5 MWh.",yes\n"I do not know.",no\n"Sure, Google.",yes\n'
LABELS = "question_id,model,metric,value\nq1,plain,correctness,5\nq2,plain,correctness,1\n"
TARGETS = ("judge", "judge_pipeline", "--resources", "gpu=2")


def play(body, number):
    model, asked = body["model"], body["messages"][-1]["content"]
    if model == "j-strict":
        return strict(" ".join(message["content"] for message in body["messages"]))
    said = {
        "g1": {"answer_value": "1287", "ref_id": ["gpt"], "explanation": "x"},
        "g2": {"answer_value": "is_blank", "ref_id": [], "explanation": "x"},
        "p1": {"label": "yes"},
        "p2": {"label": "yes" if "Sure" in asked else "no"},
        "j1": {"score": 5},
        "j2": {"score": 2},
        "j-ragas": {"reason": "r", "verdict": 1},
    }
    return fault_server.good(json.dumps(said[model]), seconds=0.2)


#: questions whose first request failed
FAILED: set[str] = set()


def strict(asked):
    """One request fails once, and one judgement is not in the form that was asked for."""
    if "Meena need" in asked and not FAILED:
        FAILED.add(asked)
        return fault_server.bad(500)
    if "penguins" in asked:
        return fault_server.good("I would say 4/5.")
    return fault_server.good(json.dumps({"score": 1 if "GPT-3" in asked else 5}))


def count(server, start=0):
    models = [body["model"] for body in server.bodies[start:]]
    return {name: models.count(name) for name in models}


@pytest.fixture(scope="module")
def judged(new_project, tmp_path_factory):
    """The first run, and a second one with another judge: project, server, runs, requests before."""
    folder = tmp_path_factory.mktemp("judges")
    project = new_project(folder / "project")
    for name, text in {"config.yaml": CONFIG, "show.csv": SHOW, "labels.csv": LABELS}.items():
        project.path(name).write_text(text)
    with pytest.MonkeyPatch.context() as env, fault_server.serving(play) as server:
        for name, value in {
            **KEYS,
            "NO_PROXY": "127.0.0.1",
            "TEST_URL": server.url,
            "GEN_MODELS": "g1,g2",
            "PROD_MODELS": "p1,p2",
            "JUDGE_MODELS": "j1, j2",
            "MODELLAB_GPUS": "fake0,fake1",
            "MODELLAB_GPU_FOLDER": str(folder / "locks"),
        }.items():
            env.setenv(name, value)
        # another program has fake0: two GPUs are allowed, and the local judge must take fake1
        with lease(1, job="another program", pool=["fake0"]):
            first = project.run(*TARGETS)
        assert first.code == 0, first.text
        before = len(server.bodies)
        project.edit("config.yaml", "judging:\n", RAGAS)
        second = project.run(*TARGETS)
        assert second.code == 0, second.text
    return project, server, (first, second), before


def test_each_answer_and_judgement_is_asked_once_with_the_key_of_its_role(judged):
    _, server, _, before = judged
    generated = {"g1": 6, "g2": 6, "p1": 3, "p2": 3, "j1": 12, "j2": 12}
    # five answers once, the one that cannot be read three times, one error sent again
    assert count(server) == {**generated, "j-strict": 5 + 3 + 1, "j-ragas": 5 * 2}
    # of the new judge, about the two passages of each answer
    assert before == len(server.bodies) - 5 * 2
    sent = zip(server.bodies, server.headers, strict=True)
    keys = {(body["model"][0], headers["authorization"]) for body, headers in sent}
    assert keys == {(role, f"Bearer {key}") for role, key in ROLES.items()}
    # several calls of one job at a time, and never two jobs on one API
    assert 1 < server.highest <= 3


def test_no_key_is_in_any_file(judged):
    files = [path for path in judged[0].folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"sk-role" in path.read_bytes()] == []


def test_a_new_judge_costs_only_its_own_pairs(judged):
    project, _, (first, second), _ = judged
    names = ("predictions_local", "predictions_server", "judgements_server", "judgements_gpu")
    # answers of two extractive models and four others; judges bm-j1, bm-j2 and strict; local
    assert [first.jobs().get(name, 0) for name in names] == [2, 4, 3, 1]
    assert [second.jobs().get(name, 0) for name in names] == [0, 0, 1, 0]
    ragas = project.rows("results/quiz/judgements/ragas.jsonl")
    values = [row["value"] for row in ragas if row["state"] == "scored"]
    assert values == [pytest.approx(1.0)] * 5


def test_scores_of_a_judge_and_what_people_say(judged):
    project = judged[0]
    [row] = [row for row in project.table("judge_scores") if row["judge"] == "strict"]
    assert (row["model"], row["retriever"]) == ("plain", "bm25")
    assert (row["n_scored"], row["n_failed"], row["parse"]) == ("5", "1", "1")
    assert float(row["value"]) == pytest.approx((1 + 4 * 5) / 5)
    assert row["marked"] == "low_coverage"
    [human] = [row for row in project.table("judges/human") if row["judge"] == "strict"]
    # people said 5 and 1, the judge 1 and 5
    assert (human["n_scored"], float(human["accuracy"]), float(human["kappa"])) == ("2", 0.0, -1.0)
    [used] = [row for row in project.table("judges/resource_usage") if row["judge"] == "strict"]
    assert (used["calls"], used["n_judgements"], used["parse"]) == ("8", "6", "1")


def test_tables_of_benchmark_and_production_judges(judged):
    project = judged[0]
    by_judge = project.table("judges/by_benchmark_judge")
    means = {row["judge"]: float(row["value"]) for row in by_judge if row["judge"][:2] == "bm"}
    assert means == {"bm-j1": 5.0, "bm-j2": 2.0}
    spread = {
        row["model"]: tuple(float(row[name]) for name in ("value", "lowest", "highest"))
        for row in project.table("judges/by_generator")
        if row["metric"] == "correctness" and row["model"].startswith("gen")
    }
    assert spread == {"gen-g1": (3.5, 2.0, 5.0), "gen-g2": (3.5, 2.0, 5.0)}
    production = project.table("judges/by_production_judge", dataset="show")
    shares = [(row["model"], float(row["precision"]), float(row["recall"])) for row in production]
    assert shares == [("prod-p2", 1.0, 1.0), ("prod-p1", pytest.approx(2 / 3), 1.0)]
    assert [float(row["f1"]) for row in production] == [1.0, pytest.approx(0.8)]


def test_a_local_judge_keeps_to_the_form_on_its_own_gpu(judged):
    """A real model of random weights: scores, of no worth, from 1 to 5."""
    folder = "results/quiz/judgements"
    rows = judged[0].rows(f"{folder}/local.jsonl")
    scored = [row for row in rows if row["state"] == "scored"]
    assert {row["value"] for row in scored} <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert {row["model"] for row in scored} == {"plain", "rare"}
    assert all(row["completion_tokens"] or row["shared"] for row in scored)
    gpus = {
        name: judged[0].json(f"{folder}/runs/{name}.json")["machine"]["visible_gpus"]
        for name in ("local", "bm-j1")
    }
    assert gpus == {"local": "fake1", "bm-j1": ""}
