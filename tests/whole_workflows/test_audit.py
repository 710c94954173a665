"""The audit of a run that has something wrong with it."""

import csv

import pytest

pytestmark = pytest.mark.workflow


def test_what_does_not_pass_is_told_and_ends_the_audit_where_it_is_strict(done):
    lenient = done.run("audit")
    assert lenient.code == 0, lenient.text
    with open(done.path("results/quiz/tables/audit.csv"), encoding="utf-8") as handle:
        rows = {(row["system"], row["check"]): row for row in csv.DictReader(handle)}
    assert rows["published", "coverage"]["status"] == "warning"
    assert rows["published", "zero_latency"]["status"] == "not_applicable"
    assert rows["tiny@oracle", "broken_run"]["status"] == "failure"
    target = [row for (system, _), row in rows.items() if system.startswith("rare@")]
    assert [row for row in target if row["status"] in ("warning", "failure")] == []
    text = done.path("config.yaml").read_text()
    done.path("config.yaml").write_text(text + "audit: {strict: true}\n")
    strict = done.run("audit")
    assert strict.code == 1
    assert "checks of the audit did not pass" in strict.text
    assert strict.jobs() == {"audit": 1}
    assert done.path("results/quiz/audit.md").exists()
