"""Nothing stale, nothing redone: a finished benchmark that is moved, and one that is changed.

What a change of the code or the config makes stale is in tests/workflow, without a run.
"""

import os
import shutil
import time

import pytest

pytestmark = pytest.mark.workflow
RARE, PUBLISHED = "results/quiz/scores/rare.json", "results/quiz/scores/published.json"
RECORDED = "results/registry/recorded/quiz.json"
ADDED = """\
targets:
  metrics:
    - {metric: value_accuracy, good: 0.8}
    - {metric: value_accuracy, models: [rare], retrievers: [bm25], good: 0.9, attention: 0.7}
    - {metric: mrr, level: chunk, good: 0.5}
"""


def test_results_that_were_moved_beside_new_files_are_not_made_again(finished, project):
    """As in a fresh clone; what new code does is in tests/workflow/test_fingerprints.py."""
    for part in ("results", ".snakemake"):
        shutil.copytree(finished.path(part), project.path(part), dirs_exist_ok=True)
    for path in project.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)
    run = project.run()
    assert run.code == 0
    assert "Nothing to be done" in run.text


def test_without_snakemakes_own_notes_the_records_say_what_is_stale(done):
    """As in another working folder. More of it is in tests/workflow/test_job_records.py."""
    shutil.rmtree(done.path(".snakemake"))
    done.edit("config.yaml", "threshold: 0.2, threads", "threshold: 0.3, threads")
    later = time.time() + 10_000
    os.utime(done.path(PUBLISHED), (later, later))
    run = done.run(RARE, PUBLISHED, "-n")
    # a target that does not need it is not made; a dry run resets no date in the future
    assert run.jobs() == {"predictions_local": 1, "scores": 1}
    assert "Stale: results/quiz/predictions/rare.jsonl: options changed" in run.text
    assert done.path(PUBLISHED).stat().st_mtime > time.time()


def runs(project):
    return project.rows("results/registry/runs.jsonl")


@pytest.fixture(scope="module")
def changed(finished, tmp_path_factory):
    """A copy with a new question, a model less, and targets: the copy, and its run."""
    done = type(finished)(tmp_path_factory.mktemp("changed") / "project")
    shutil.copytree(finished.folder, done.folder)
    question = "q7,Who used TPU chips?,Google,Google,is_blank,['meena'],Quote,1,0\n"
    done.edit("quiz.csv", "q6,How many", f"{question}q6,How many")
    done.edit("config.yaml", "  published: {provider: submission, path: published.csv}\n", "")
    done.path("config.yaml").write_text(done.path("config.yaml").read_text() + ADDED)
    # cut by a kill
    with done.path("results/registry/runs.jsonl").open("a") as handle:
        handle.write('{"run": "torn')
    with pytest.MonkeyPatch.context() as env:
        env.setenv("MODELLAB_AUTHOR", "A. Tester")
        run = done.run("results/quiz/tables/status.csv", RECORDED, "audit")
    assert run.code == 0, run.text
    return done, run


def test_a_new_question_is_all_that_is_asked(changed):
    done, run = changed
    record = done.json("results/quiz/runs/tiny.json")
    assert (record["generated"], record["reused"]) == (1, 6)
    assert run.jobs()["predictions_local"] == 3


def test_new_results_are_recorded_beside_the_old_ones(finished, changed):
    done, _ = changed
    [first] = runs(finished)
    assert first["metrics"][-1]["metric"] == "overall"
    assert {m["system"] for m in first["metrics"]} >= {"plain@bm25", "tiny@oracle", "published"}
    assert "plain@bm25" in finished.path(f"results/registry/{first['run']}.md").read_text()
    page = finished.path("results/quiz/report/index.html").read_bytes()
    assert first["run"].encode() in page

    [kept, second] = runs(done)
    assert kept == first
    assert "moved a torn last line" in done.path("results/logs/report/quiz.log").read_text()
    assert second["author"] == "A. Tester"
    systems = [{m["system"] for m in record["metrics"]} for record in (first, second)]
    assert systems[0] - systems[1] == {"published"}
    assert second["config"] != first["config"]
    assert done.path(RECORDED).read_bytes() != finished.path(RECORDED).read_bytes()


def test_targets_give_a_status(finished, changed):
    assert not finished.path("results/quiz/tables/status.json").exists()
    page = finished.path("results/quiz/report/index.html").read_text()
    assert "targets (section `targets`" in page
    assert runs(finished)[0]["status"] is None
    done, run = changed
    counts = "1 good, 1 attention, 1 insufficient data"
    assert f"STATUS quiz: attention ({counts})" in run.text
    rows = {row["subject"]: row for row in done.table("status") if row["counts"] == "True"}
    assert {name: (row["metric"], row["status"]) for name, row in rows.items()} == {
        "plain@bm25": ("value_accuracy", "good"),
        "rare@bm25": ("value_accuracy", "attention"),
        "bm25 (chunk)": ("mrr", "insufficient data"),
    }
    assert rows["bm25 (chunk)"]["reason"] == "it has no value"
    assert runs(done)[1]["status"] == "attention"


def test_the_audit_names_what_is_wrong(finished, changed):
    found = {(row["system"], row["check"]): row for row in finished.table("audit")}
    assert found["published", "coverage"]["status"] == "warning"
    assert found["published", "zero_latency"]["status"] == "not_applicable"
    assert found["tiny@oracle", "broken_run"]["status"] == "failure"
    extractive = [row for (system, _), row in found.items() if system.startswith("rare@")]
    assert [row for row in extractive if row["status"] in ("warning", "failure")] == []
    log = changed[0].path("results/logs/audit.log").read_text()
    assert "tiny@oracle: broken_run: " in log
