"""Failed rows are asked again by the same command, and a model that never answers has failed."""

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
    max_concurrent: 1
judges:
  strict:
    kind: rubric
    metrics: [correctness]
    model:
      provider: openai
      model: judge
      base_url_env: TEST_URL
      max_retries: 0
      max_concurrent: 1
"""
PREDICTIONS = "results/quiz/predictions/api.jsonl"
JUDGEMENTS = "results/quiz/judgements/strict.jsonl"
SCORES = "results/quiz/scores/api.json"
ANSWER = fault_server.good(json.dumps({"answer_value": "232", "ref_id": ["meena"]}))
VERDICT = fault_server.good('{"score": 4}')


class Server:
    """Answers as a model and as a judge, fails as `broken` says, and counts requests."""

    def __init__(self):
        self.broken = {}
        self.asked = []

    def __call__(self, body, number):
        model = body["model"]
        self.asked.append(model)
        broken = self.broken.get(model)
        play = broken(self.asked.count(model)) if broken else None
        return play or (VERDICT if model == "judge" else ANSWER)

    def count(self):
        found = {name: self.asked.count(name) for name in set(self.asked)}
        self.asked.clear()
        return found


@pytest.fixture
def served(project, monkeypatch):
    project.path("config.yaml").write_text(CONFIG)
    play = Server()
    with fault_server.serving(play) as server:
        monkeypatch.setenv("TEST_URL", server.url)
        yield play


def statuses(project):
    return [row["status"] for row in project.rows(PREDICTIONS)]


def test_what_failed_is_asked_again_and_nothing_else(project, served):
    # the quota ends after two answers, which are kept
    served.broken = {"m": lambda n: fault_server.bad(402, "no balance") if n > 2 else None}
    run = project.run(SCORES)
    assert run.code == 1
    assert f"FAILED {PREDICTIONS}: " in run.text
    assert "no balance" in run.text
    assert "2 of 6 answers exist and are kept" in run.text
    assert served.count() == {"m": 3}
    assert not project.path(SCORES).exists()

    # of the other four one breaks, and one is too long for ever
    faults = {2: fault_server.bad(500), 3: fault_server.bad(400, "prompt is too long")}
    served.broken = {"m": faults.get}
    run = project.run(PREDICTIONS)
    assert run.code == 0, run.text
    assert "1 rows are asked again by the next run" in run.text
    assert sorted(statuses(project)) == ["answered"] * 4 + ["failed"] * 2
    assert served.count() == {"m": 4}
    kept = project.run(PREDICTIONS, "--config", "retry_failed=false")
    assert "Nothing to be done" in kept.text

    # what cannot go well later is not asked again; nor is it judged
    served.broken = {"judge": {2: fault_server.bad(503)}.get}
    assert project.run(PREDICTIONS, JUDGEMENTS).code == 0
    assert sorted(statuses(project)) == ["answered"] * 5 + ["failed"]
    assert served.count() == {"m": 1, "judge": 5}
    served.broken = {}
    assert project.run(JUDGEMENTS).code == 0
    assert served.count() == {"judge": 1}
    states = [row["state"] for row in project.rows(JUDGEMENTS)]
    assert states.count("scored") == 5
    assert "Nothing to be done" in project.run(PREDICTIONS, JUDGEMENTS).text
