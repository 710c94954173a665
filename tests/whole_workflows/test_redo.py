"""Nothing stale, nothing redone."""

import csv
import os
import shutil

import pytest

pytestmark = pytest.mark.workflow
NOTHING = "Nothing to be done"
RUN = "results/quiz/runs/tiny.json"


def test_results_that_were_moved_beside_new_files_are_not_made_again(done, project):
    """As in a fresh clone; what new code does is in tests/workflow/test_fingerprints.py."""
    for part in ("results", ".snakemake"):
        shutil.copytree(done.path(part), project.path(part))
    for path in project.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)
    run = project.run()
    assert run.code == 0
    assert NOTHING in run.text


def test_only_what_is_new_is_asked(done):
    from tiny_model import write_tiny_model

    def asked():
        run = done.run(RUN)
        assert run.code == 0, run.text
        assert run.jobs()["predictions_local"] == 1
        return done.json(RUN)["generated"], done.json(RUN)["reused"]

    done.edit("config.yaml", "temperature: 0.5", "temperature: 0.6")
    assert asked() == (6, 0)
    # a temperature that the answers were there of
    done.edit("config.yaml", "temperature: 0.6", "temperature: 0.5")
    assert asked() == (0, 6)
    done.edit(
        "quiz.csv",
        "q6,How many",
        "q7,Who used TPU chips?,Google,Google,is_blank,['meena'],Quote,1,0\nq6,How many",
    )
    assert asked() == (1, 6)
    # other weights are another model
    write_tiny_model(done.path("weights"), seed=5, positions=2048)
    assert asked() == (7, 0)


def test_smoke_asks_one_question_and_leaves_the_results_alone(done):
    def state():
        return {
            path: path.stat().st_mtime_ns
            for path in done.path("results").rglob("*")
            if "smoke" not in path.parts and path.is_file()
        }

    before = state()
    run = done.run("results/smoke/quiz/leaderboard.csv", "--workflow-profile", "smoke")
    assert run.code == 0, run.text
    assert state() == before
    assert len(done.rows("results/smoke/quiz/questions.jsonl")) == 1
    with open(done.path("results/smoke/quiz/leaderboard.csv"), encoding="utf-8") as handle:
        assert {row["n_questions"] for row in csv.DictReader(handle)} == {"1"}


def test_a_users_config_replaces_the_demo(done):
    text = done.path("config.yaml").read_text().replace("seed: 1", "seed: 1\nresults: mine")
    text = text.replace("  rare: {provider: extractive, threshold: 0.2, threads: 2}\n", "")
    done.path("mine.yaml").write_text(text)
    run = done.run("mine/quiz/leaderboard.csv", "--configfile", "mine.yaml", "--config", "limit=2")
    assert run.code == 0, run.text
    assert not done.path("mine/quiz/scores/rare.json").exists()
    assert len(done.rows("mine/quiz/questions.jsonl")) == 2
