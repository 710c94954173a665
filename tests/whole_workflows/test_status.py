"""Results beside their targets, through the real command."""

import csv

import pytest

pytestmark = pytest.mark.workflow
BASELINES = """\
targets:
  metrics:
    - {metric: value_accuracy, good: 0.9}
    - {metric: value_accuracy, models: [rare], retrievers: [bm25], good: 0.9, attention: 0.8}
    - {metric: mrr, level: chunk, good: 0.5}
"""


def test_baselines_give_a_status_and_touch_no_score(done):
    assert done.json("results/quiz/tables/status.json")["status"] is None
    report = done.path("results/quiz/report/index.html").read_text()
    assert "targets (section `targets`" in report
    assert done.rows("results/registry/runs.jsonl")[0]["status"] is None

    text = done.path("config.yaml").read_text()
    done.path("config.yaml").write_text(text + BASELINES)
    run = done.run("status")
    assert run.code == 0, run.text
    assert run.jobs() == {"status_table": 1, "status": 1}
    assert "STATUS quiz: attention (1 good, 1 attention, 1 insufficient data)" in run.text
    with done.path("results/quiz/tables/status.csv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["counts"] == "True"]
    assert [(row["metric"], row["subject"], row["status"]) for row in rows] == [
        ("value_accuracy", "plain@bm25", "good"),
        ("value_accuracy", "rare@bm25", "attention"),
        ("mrr", "bm25 (chunk)", "insufficient data"),
    ]
    assert rows[2]["reason"] == "it has no value"

    done.edit("config.yaml", "metric: mrr", "metric: mmr")
    wrong = done.run("status")
    assert wrong.code == 1
    assert "targets.metrics.2: unknown metric 'mmr'; did you mean 'mrr'" in wrong.text
