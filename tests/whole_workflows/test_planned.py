"""Searches that a model plans, behind a server on loopback."""

import json

import fault_server
import pytest

pytestmark = pytest.mark.workflow


def test_plans_are_made_once_kept_and_counted(project, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TEST_KEY", "sk-very-secret-value-123")

    def play(body, number):
        asked = str(body["messages"])
        if "penguins" in asked:
            return fault_server.good("I would rather not.")
        query = "cooling PUE average" if "PUE" in asked else "Meena chat model"
        return fault_server.good(json.dumps({"queries": [query, "water litres Arizona"]}))

    project.edit(
        "config.yaml",
        "  oracle: {kind: oracle}\n",
        "  oracle: {kind: oracle}\n"
        "  split: {kind: query_decomposition, of: bm25, model: planner, per_query: 1, top_k: 3}\n",
    )
    project.edit(
        "config.yaml",
        "models:\n",
        "models:\n  planner: {provider: openai, model: m, enabled: false, "
        "api_key_env: TEST_KEY, base_url_env: TEST_URL}\n",
    )
    targets = ("results/quiz/contexts/split.jsonl", "results/quiz/rankings/split.jsonl")
    with fault_server.serving(play) as server:
        monkeypatch.setenv("TEST_URL", server.url)
        run = project.run(*targets)
        assert run.code == 0, run.text
        assert run.jobs()["query_plans_server"] == 1
        contexts = {row["question_id"]: row for row in project.rows(targets[0])}
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
        assert len(server.headers) == 6
