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
COMPARING = {"statistics_tables": 1, "leaderboard": 1, "matrix": 1, "plots": 1}


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


def test_one_deleted_plot_is_one_job_and_the_report(done):
    done.path("results/quiz/plots/overall_ranking.png").unlink()
    assert done.run().jobs() == {"plots": 1, "report": 1}


def test_one_plot_needs_only_the_tables_that_it_is_drawn_from(done):
    shutil.rmtree(done.path("results"))
    run = done.run("results/quiz/plots/overall_ranking.png")
    assert run.code == 0, run.text
    assert "matrix" not in run.jobs()
    assert "agreement" not in run.jobs()
    assert not done.path("results/quiz/matrix.csv").exists()


def test_what_failed_is_made_by_the_next_run(done):
    """Also where all that is made of it is there, of its inputs before."""
    target = "results/quiz/scores/published.json"
    done.edit("quiz.csv", "q2,How much", "q1,How much")
    assert done.run(target).code == 1
    assert done.run(target, "-n").jobs()["questions"] == 1


def test_a_changed_scorer_rescores_all_and_asks_nobody(done):
    before = journals(done)
    done.edit("modellab/tasks/wattbot/scoring/marking.py", "0.75", "0.70")
    run = done.run(*TABLES)
    assert run.code == 0, run.text
    assert run.jobs() == {"scores": 4, "truth_check": 1, **COMPARING}
    assert journals(done) == before


def test_a_control_that_becomes_a_contender_is_scored_again_and_nobody_is_asked(done):
    before = journals(done)
    done.edit("config.yaml", "oracle: {kind: oracle}", "oracle: {kind: oracle, control: false}")
    run = done.run(*TABLES)
    assert run.code == 0, run.text
    # not the submission, which has no retriever of ours
    assert run.jobs() == {"scores": 3, **COMPARING}
    assert journals(done) == before
    with done.path("results/quiz/leaderboard.csv").open(encoding="utf-8", newline="") as handle:
        rows = {(row["model"], row["retriever"]): row for row in csv.DictReader(handle)}
    told = {retriever: row["control"] for (_, retriever), row in rows.items()}
    assert (told["oracle"], told["none"]) == ("False", "True")
    assert rows["rare", "oracle"]["rank"]


def test_another_scorer_version_rescores_all_and_asks_nobody(done):
    before = journals(done)
    done.edit("config.yaml", "quiz.csv}", "quiz.csv, scorer: v1}")
    assert set(done.run(*TABLES).jobs()) == {"scores", "truth_check", *COMPARING}
    assert journals(done) == before
    assert done.json("results/quiz/scores/plain.json")["scorer"] == "v1"


def test_a_changed_temperature_asks_only_that_model(done):
    before = journals(done)
    done.edit("config.yaml", "temperature: 0.5", "temperature: 0.6")
    run = done.run(*TABLES)
    assert run.code == 0, run.text
    assert run.jobs() == {"predictions_local": 1, "scores": 1, **COMPARING}
    after = journals(done)
    assert after["tiny.jsonl"] != before["tiny.jsonl"]
    assert {**after, "tiny.jsonl": b""} == {**before, "tiny.jsonl": b""}


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


def test_a_size_changes_tables_but_no_answer(done):
    done.edit("config.yaml", "size_b: 0.00002", "size_b: 0.00003")
    assert "predictions_local" not in done.run(*TABLES).jobs()


def test_a_new_question_is_all_that_is_asked(done):
    done.edit(
        "quiz.csv",
        "q6,How many",
        "q7,Who used TPU chips?,Google,Google,is_blank,['meena'],Quote,1,0\nq6,How many",
    )
    assert done.run(*TABLES).code == 0
    run = done.json("results/quiz/runs/tiny.json")
    assert (run["generated"], run["reused"]) == (1, 6)


def test_a_new_model_leaves_the_others_alone(done):
    done.edit("config.yaml", "plots: [", "  bold: {provider: extractive, threshold: 0}\nplots: [")
    run = done.run(*TABLES)
    assert run.jobs() == {"predictions_local": 1, "scores": 1, **COMPARING}


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
