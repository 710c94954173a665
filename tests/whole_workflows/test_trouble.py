"""What goes wrong: failing models, bad input. Kills are in test_chaos.py and test_adaptive.py."""

import csv
import re

import pytest
from started_snakemake import StartedSnakemake

pytestmark = pytest.mark.workflow


#: one model answers, and the weights of the other are none
FAILING = """\
corpora: {notes: {path: notes}}
datasets: {quiz: {corpus: notes, questions: quiz.csv}}
retrievers: {bm25: {kind: bm25, top_k: 2}}
models:
  plain: {provider: extractive, match: words, threshold: 0.2}
  tiny: {provider: transformers, model: notes, max_new_tokens: 4, device: cpu}
plots: [overall_ranking]
"""


def test_a_failing_model_stops_no_other_and_is_explained(project):
    project.path("config.yaml").write_text(FAILING)
    tables = ["results/quiz/leaderboard.csv", "results/quiz/matrix.csv"]
    targets = [*tables, "results/quiz/plots/overall_ranking.png"]
    run = project.run(*targets)
    assert run.code == 1
    assert (
        "FAILED results/quiz/predictions/tiny.jsonl: notes: not a model folder "
        "(it has no config.json) (log: results/logs/predictions/quiz/tiny.log)"
    ) in run.text
    assert project.path("results/quiz/scores/plain.json").exists()
    assert not project.path("results/quiz/predictions/tiny.jsonl").exists()
    assert "models: 1 done, 1 failed, of 2" in run.text
    assert re.search(r"quiz +│ tiny +│ FAILED +│ +- │ +- │ notes: not a model folder", run.text)
    assert re.search(r"quiz +│ plain +│ done +│ +[0-9.]+ │ +[01][.][0-9]+ │ \w+", run.text)
    assert not project.path("results/quiz/leaderboard.csv").exists()

    partial = project.run(*targets, "--config", "partial=true")
    assert partial.code == 0, partial.text
    assert "predictions_local" not in partial.jobs()
    assert "PARTIAL quiz: without tiny" in partial.text
    for table in tables:
        with project.path(table).open() as file:
            assert {row["models_missing"] for row in csv.DictReader(file)} == {"tiny"}
    assert "(PARTIAL)" in project.path("results/quiz/plots/overall_ranking.svg").read_text()

    # the whole run comes next: nothing partial stays
    project.edit("config.yaml", "model: notes", "model: weights")
    whole = project.run(*targets, "--dry-run").jobs()
    assert whole["predictions_local"] == 1
    assert {"tables", "plots"} <= set(whole)


def test_a_wrong_config_never_starts(project):
    project.edit("config.yaml", "seed: 1", "seed: 1\nsead: 2")
    run = project.run()
    assert run.code != 0
    assert "config.yaml:2: sead: unknown key; did you mean 'seed'?" in run.text
    assert "Traceback" not in run.text
    assert not project.path("results").exists()


def test_warnings_and_wrong_questions_reach_the_terminal(project):
    project.edit("quiz.csv", "['pue']", "\"['pue','nowhere']\"")
    questions = "results/quiz/questions.jsonl"
    run = project.run(questions)
    assert run.code == 0, run.text
    assert "questions refer to what the corpus does not have: q3 (quiz.csv:4): " in run.text
    assert "document 'nowhere'" in run.text
    project.edit("quiz.csv", "q2,How", "q1,How")
    wrong = project.run(questions)
    assert wrong.code == 1
    assert "quiz.csv:3: " in wrong.text


def test_a_profile_without_cores_is_one_line(project):
    project.path("profiles/bare").mkdir(parents=True)
    project.path("profiles/bare/config.yaml").write_text("keep-going: true\n")
    words = [*project.words()[:-2], "--workflow-profile", "bare"]
    code, text = StartedSnakemake(words, project.folder, project.environment()).finish()
    assert code == 1
    assert "Error: cores have to be specified" in text
    assert "Traceback" not in text
