"""A model in shards: a job each, and one file of rows.

That another number of shards asks nothing again is in tests/generation/test_shards.py.
"""

import json

import fault_server
import pytest

pytestmark = pytest.mark.workflow
CONFIG = """\
datasets: {quiz: {questions: quiz.csv}}
models:
  api:
    provider: openai
    model: m
    base_url_env: TEST_URL
    max_retries: 0
    shards: 3
  votes: {provider: ensemble, members: [api, words]}
  words: {provider: extractive, shards: 2}
judges:
  strict:
    kind: rubric
    metrics: [correctness]
    model: {provider: openai, model: judge, base_url_env: TEST_URL}
"""
SCORES, JUDGED = "results/quiz/scores/votes.csv", "results/quiz/judgements/strict.jsonl"


def test_shards_fail_and_go_on(project, monkeypatch):
    asked, broken = [], ["training Meena need"]

    def play(body, number):
        asked.append(body["model"])
        if body["model"] == "judge":
            return fault_server.good('{"score": 4}')
        if any(text in body["messages"][-1]["content"] for text in broken):
            return fault_server.bad(500)
        return fault_server.good(json.dumps({"answer_value": "232", "ref_id": ["meena"]}))

    def run():
        asked.clear()
        found = project.run(SCORES, JUDGED)
        assert found.code == 0, found.text
        return found

    with fault_server.serving(play) as server:
        monkeypatch.setenv("TEST_URL", server.url)
        project.path("config.yaml").write_text(CONFIG)
        assert run().jobs()["predictions_server"] == 3
        failed = [r["status"] for r in project.rows("results/quiz/predictions/api.jsonl")]
        broken.clear()
        again = run()
        # the shards without a failed row have nothing to do
        assert asked.count("m") == failed.count("failed") > 0
        assert again.jobs()["predictions_server"] < 3
        rows = project.rows("results/quiz/predictions/api.jsonl")
        assert [row["status"] for row in rows] == ["answered"] * 6
        assert [row["question_id"] for row in rows] == [f"q{n}" for n in range(1, 7)]
