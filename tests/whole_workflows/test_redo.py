"""Nothing stale, nothing redone."""

import csv
import os
import shutil

import pytest

pytestmark = pytest.mark.workflow
NOTHING = "Nothing to be done"
#: what most tests ask for: other tables are made of the same files, and take as long
TABLES = tuple(
    f"results/quiz/{name}"
    for name in ("leaderboard.csv", "matrix.csv", "plots/overall_ranking.png")
)
#: the jobs that make them of scores
COMPARING = {"tables": 1, "plots": 1}


def journals(project):
    folder = project.path("results/quiz/journal")
    return {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}


def test_a_second_run_does_nothing(done):
    run = done.run()
    assert run.code == 0
    assert NOTHING in run.text


def test_touching_every_file_redoes_nothing(done):
    for path in done.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)
    assert NOTHING in done.run().text


def test_a_fresh_clone_with_the_results_redoes_nothing(done, project):
    """The code and data are new files; results and their records come from elsewhere."""
    for part in ("results", ".snakemake"):
        shutil.copytree(done.path(part), project.path(part))
    assert NOTHING in project.run().text


def test_a_changed_scorer_rescores_all_and_asks_nobody(done):
    before = journals(done)
    done.edit("modellab/tasks/wattbot/rules.py", "0.75", "0.70")
    run = done.run(*TABLES)
    assert run.code == 0, run.text
    assert run.jobs() == {"scores": 4, **COMPARING}
    assert journals(done) == before


def test_a_changed_temperature_back_again_asks_nobody(done):
    done.edit("config.yaml", "temperature: 0.5", "temperature: 0.6")
    done.run(*TABLES)
    done.edit("config.yaml", "temperature: 0.6", "temperature: 0.5")
    done.run(*TABLES)
    run = done.json("results/quiz/runs/tiny.json")
    assert (run["generated"], run["reused"]) == (0, 6)


def test_changed_weights_are_another_model(done, tmp_path):
    from tiny_model import write_tiny_model

    write_tiny_model(done.path("weights"), seed=5, positions=2048)
    assert done.run(*TABLES).jobs()["predictions_local"] == 1
    assert done.json("results/quiz/runs/tiny.json")["generated"] == 6


def test_a_new_question_is_all_that_is_asked(done):
    done.edit(
        "quiz.csv",
        "q6,How many",
        "q7,Who used TPU chips?,Google,Google,is_blank,['meena'],Quote,1,0\nq6,How many",
    )
    assert done.run(*TABLES).code == 0
    run = done.json("results/quiz/runs/tiny.json")
    assert (run["generated"], run["reused"]) == (1, 6)


def test_smoke_asks_one_question_and_leaves_the_results_alone(done):
    def state():
        return {
            path: path.stat().st_mtime_ns
            for path in done.path("results").rglob("*")
            if "smoke" not in path.parts and path.is_file()
        }

    before = state()
    smoke = [table.replace("results/", "results/smoke/") for table in TABLES]
    run = done.run(*smoke, "--workflow-profile", "smoke")
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
