"""Judges through the whole workflow: what they ask, what they leave, what a new one costs."""

import csv
import json

import fault_server
import pytest

from modellab.core.layout import table_file

pytestmark = pytest.mark.workflow
SECRET = "sk-very-secret-judge-456"
CONFIG = """\
seed: 1
corpora:
  notes: {path: notes}
datasets:
  quiz: {corpus: notes, questions: quiz.csv}
embedders:
  lsa: {kind: tfidf-svd, dimensions: 3}
retrievers:
  bm25: {kind: bm25, top_k: 2}
models:
  plain: {provider: extractive, match: words, threshold: 0.2, family: reader}
  rare: {provider: extractive, threshold: 0.2}
plots: [overall_ranking]
judges:
  strict:
    kind: rubric
    model: {provider: openai, model: m, api_key_env: TEST_KEY, base_url_env: TEST_URL}
    metrics: [correctness]
    models: [plain]
judging:
  human_labels: {quiz: labels.csv}
"""
LABELS = """\
question_id,model,metric,value
q1,plain,correctness,5
q2,plain,correctness,1
"""
MORE = """\
  ragas:
    kind: ragas
    model: {provider: openai, model: m, api_key_env: TEST_KEY, base_url_env: TEST_URL}
    metrics: [context_precision]
    models: [plain]
  local:
    kind: rubric
    model: {provider: transformers, model: weights, device: cpu, answer_format: json_schema}
    metrics: [relevance]
    max_new_tokens: 16
judging:"""


def play(body, number):
    if number == 2:
        return fault_server.bad(500)
    asked = " ".join(message["content"] for message in body["messages"])
    if asked.endswith("Output: "):
        return fault_server.good(json.dumps({"reason": "r", "verdict": 1}))
    if "penguins" in asked:
        return fault_server.good("I would say 4/5.")
    return fault_server.good(json.dumps({"score": 1 if "GPT-3" in asked else 5}))


def table(project, name):
    with project.path(f"results/quiz/{table_file(name)}").open(newline="") as handle:
        return list(csv.DictReader(handle))


def files_with(folder, text):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if text.encode() in path.read_bytes()]


def judged(run):
    """How many jobs a run had that ask a model."""
    names = ("predictions_local", "judgements_server", "judgements_local")
    return [run.jobs().get(name, 0) for name in names]


def test_a_new_judge_costs_only_its_own_pairs(project, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TEST_KEY", SECRET)
    project.path("config.yaml").write_text(CONFIG)
    project.path("labels.csv").write_text(LABELS)
    with fault_server.serving(play) as server:
        monkeypatch.setenv("TEST_URL", server.url)

        first = project.run("results/quiz/judgements/strict.jsonl")
        assert first.code == 0, first.text
        assert judged(first) == [1, 1, 0]
        # five answers once, the one that cannot be read three times, one error sent again
        assert len(server.bodies) == 5 + 3 + 1

        predictions = project.path("results/quiz/predictions/plain.jsonl").read_bytes()
        asked = len(server.bodies)
        project.edit("config.yaml", "judging:", MORE)
        second = project.run("judge")
        assert second.code == 0, second.text
        # the local judge also judges a model that was not asked before, in one job with the other
        assert judged(second) == [1, 1, 1]
        assert project.path("results/quiz/predictions/plain.jsonl").read_bytes() == predictions
        assert all(
            body["messages"][-1]["content"].endswith("Output: ") for body in server.bodies[asked:]
        )
    check_scores(project)
    check_local(project)
    assert files_with(project.folder, SECRET) == []


def check_scores(project):
    [row] = [row for row in table(project, "judge_scores") if row["judge"] == "strict"]
    assert (row["model"], row["retriever"]) == ("plain", "bm25")
    assert (row["n_scored"], row["n_failed"], row["parse"]) == ("5", "1", "1")
    assert float(row["value"]) == pytest.approx((1 + 4 * 5) / 5)
    assert row["marked"] == "low_coverage"
    [human] = table(project, "judges/human")
    # people said 5 and 1, the judge 1 and 5
    assert (human["n_scored"], float(human["accuracy"]), float(human["kappa"])) == ("2", 0.0, -1.0)
    [resource_usage] = [
        row for row in table(project, "judges/resource_usage") if row["judge"] == "strict"
    ]
    assert (resource_usage["calls"], resource_usage["n_judgements"], resource_usage["parse"]) == (
        "8",
        "6",
        "1",
    )


def check_local(project):
    """A real model of random weights, held to the form: scores, of no worth, from 1 to 5."""
    rows = project.rows("results/quiz/judgements/local.jsonl")
    scored = [row for row in rows if row["state"] == "scored"]
    assert scored
    assert {row["value"] for row in scored} <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert {row["model"] for row in scored} == {"plain", "rare"}
    assert all(row["completion_tokens"] or row["shared"] for row in scored)
    ragas = project.rows("results/quiz/judgements/ragas.jsonl")
    values = [row["value"] for row in ragas if row["state"] == "scored"]
    assert values == [pytest.approx(1.0)] * 5
