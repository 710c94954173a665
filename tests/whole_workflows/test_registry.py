"""Runs are recorded when their results are new, and only then."""

import pytest

pytestmark = pytest.mark.workflow
TARGET = "results/registry/recorded/quiz.json"


def runs(project):
    return project.rows("results/registry/runs.jsonl")


def test_each_new_state_of_the_results_is_recorded_once(done, monkeypatch):
    monkeypatch.setenv("MODELLAB_AUTHOR", "A. Tester")
    [first] = runs(done)
    assert first["metrics"][-1]["metric"] == "overall"
    assert {m["system"] for m in first["metrics"]} >= {"plain@bm25", "tiny@oracle", "published"}
    page = done.path(f"results/registry/{first['run']}.md").read_text()
    assert "plain@bm25" in page
    report = done.path("results/quiz/report/index.html").read_bytes()
    assert first["run"].encode() in report
    stamp = done.path(TARGET).read_bytes()

    forced = done.run("--forcerun", "report")
    assert forced.code == 0, forced.text
    assert forced.jobs() == {"report": 1}
    assert runs(done) == [first]
    assert done.path(TARGET).read_bytes() == stamp
    assert done.path("results/quiz/report/index.html").read_bytes() == report

    # a line cut by a kill is reported, kept, and does no harm
    with done.path("results/registry/runs.jsonl").open("a") as handle:
        handle.write('{"run": "torn')
    done.edit("config.yaml", "  published: {provider: submission, path: published.csv}\n", "")
    changed = done.run(TARGET)
    assert changed.code == 0, changed.text
    assert "moved a torn last line" in done.path("results/logs/report/quiz.log").read_text()
    assert len(runs(done)) == 2
    second = runs(done)[1]
    assert second["author"] == "A. Tester"
    systems = [{m["system"] for m in record["metrics"]} for record in (first, second)]
    assert systems[0] - systems[1] == {"published"}
    assert second["config"] != first["config"]
    assert done.path(TARGET).read_bytes() != stamp
