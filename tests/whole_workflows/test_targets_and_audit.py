"""Targets and the audit of finished results, through the real command."""

import csv

import pytest

pytestmark = pytest.mark.workflow
TARGETS = """\
targets:
  metrics:
    - {metric: value_accuracy, good: 0.9}
    - {metric: value_accuracy, models: [rare], retrievers: [bm25], good: 0.9, attention: 0.8}
    - {metric: mrr, level: chunk, good: 0.5}
"""


def table(project, name):
    with project.path(f"results/quiz/tables/{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_targets_give_a_status_and_touch_no_score(done):
    assert done.json("results/quiz/tables/status.json")["status"] is None
    report = done.path("results/quiz/report/index.html").read_text()
    assert "targets (section `targets`" in report
    assert done.rows("results/registry/runs.jsonl")[0]["status"] is None

    text = done.path("config.yaml").read_text()
    done.path("config.yaml").write_text(text + TARGETS)
    run = done.run("status", "audit")
    assert run.code == 0, run.text
    assert run.jobs() == {"status_table": 1, "status": 1, "audit": 1}
    assert "STATUS quiz: attention (1 good, 1 attention, 1 insufficient data)" in run.text
    rows = [row for row in table(done, "status") if row["counts"] == "True"]
    assert [(row["metric"], row["subject"], row["status"]) for row in rows] == [
        ("value_accuracy", "plain@bm25", "good"),
        ("value_accuracy", "rare@bm25", "attention"),
        ("mrr", "bm25 (chunk)", "insufficient data"),
    ]
    assert rows[2]["reason"] == "it has no value"

    found = {(row["system"], row["check"]): row for row in table(done, "audit")}
    assert found["published", "coverage"]["status"] == "warning"
    assert found["published", "zero_latency"]["status"] == "not_applicable"
    assert found["tiny@oracle", "broken_run"]["status"] == "failure"
    extractive = [row for (system, _), row in found.items() if system.startswith("rare@")]
    assert [row for row in extractive if row["status"] in ("warning", "failure")] == []
    done.path("config.yaml").write_text(text + "audit: {strict: true}\n")
    strict = done.run("audit")
    assert strict.code == 1
    assert "checks of the audit did not pass" in strict.text
    assert strict.jobs() == {"audit": 1}
    assert done.path("results/quiz/audit.md").exists()
