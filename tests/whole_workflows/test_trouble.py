"""What goes wrong: kills, failing models, bad input."""

import csv
import os
import re
import signal
import subprocess
import time

import pytest

pytestmark = pytest.mark.workflow


def count_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_kill_in_the_middle_costs_at_most_one_batch(project):
    questions = "".join(
        f"q{n},How much energy in case {n}?,5,5,MWh,['gpt'],Quote,1,0\n" for n in range(60)
    )
    header = project.path("quiz.csv").read_text().splitlines()[0]
    project.path("quiz.csv").write_text(f"{header}\n{questions}")
    # one prompt per batch, so that the job is slow and a batch is one answer
    project.edit("config.yaml", "max_new_tokens: 4", "max_new_tokens: 48\n    batch_tokens: 1")
    target = "results/quiz/predictions/tiny.jsonl"
    journal = project.path("results/quiz/journal/tiny.jsonl")
    process = subprocess.Popen(
        project.command(target),
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while count_lines(journal) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = count_lines(journal)
    assert 5 <= kept < 60
    assert not project.path(target).exists()

    project.run("--unlock")
    run = project.run(target)
    assert run.code == 0, run.text
    record = project.json("results/quiz/runs/tiny.json")
    assert record["reused"] == kept
    assert record["generated"] == 60 - kept
    keys = [row["response"]["key"] for row in project.rows("results/quiz/journal/tiny.jsonl")]
    assert len(keys) == len(set(keys)) == 60


def test_a_failing_model_stops_no_other_and_is_explained(project):
    project.edit("config.yaml", "model: weights", "model: notes")
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
    assert "models: 3 done, 1 failed, of 4" in run.text
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


def test_a_foreign_line_in_a_journal_stops_that_model(done):
    journal = done.path("results/quiz/journal/tiny.jsonl")
    journal.write_bytes(b"not mine\n" + journal.read_bytes())
    done.edit("config.yaml", "temperature: 0.5", "temperature: 0.6")
    run = done.run()
    assert run.code == 1
    assert "journal/tiny.jsonl:1: not a journal entry" in run.text


BAD_CONFIG = [
    ("seed: 1", "seed: 1\nsead: 2", "config.yaml:2: sead: unknown key; did you mean 'seed'?"),
    ("  rare:", "  plain:", "models.plain: duplicate key"),
    ("provider: transformers", "provider: tranformers", "unknown provider 'tranformers'"),
    ("model: weights", "model: ./gone", "models.tiny.model: gone: no such file or folder"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BAD_CONFIG)
def test_a_wrong_config_never_starts(project, old, new, expected):
    project.edit("config.yaml", old, new)
    run = project.run()
    assert run.code != 0
    assert expected in run.text
    assert "Traceback" not in run.text
    assert not project.path("results").exists()


BAD_DATA = [
    ("quiz.csv", "q2,How", "q1,How", "quiz.csv:3: "),
    ("quiz.csv", "answer_value", "value", "there is no answer_value; the wattbot task needs one"),
]


@pytest.mark.parametrize(("path", "old", "new", "expected"), BAD_DATA)
def test_bad_questions_are_named(project, path, old, new, expected):
    project.edit("config.yaml", "questions: quiz.csv}", "questions: quiz.csv, task: wattbot}")
    project.edit(path, old, new)
    run = project.run()
    assert run.code == 1
    assert expected in run.text
    assert not project.path("results/quiz/questions.jsonl").exists()


def test_a_document_that_cannot_be_read_is_left_out_and_told_of(project):
    project.path("notes/bad.txt").write_bytes(bytes(range(256)))
    run = project.run("results/corpora/notes/documents.csv")
    assert run.code == 0, run.text
    [line] = [
        line
        for line in project.path("results/corpora/notes/documents.csv").read_text().splitlines()
        if "bad.txt" in line
    ]
    assert line.startswith("notes/bad.txt,skipped,")
    assert "neither UTF-8 nor another encoding of a text" in line


def test_a_profile_without_cores_is_one_line(project):
    project.path("profiles/bare").mkdir(parents=True)
    project.path("profiles/bare/config.yaml").write_text("keep-going: true\n")
    command = [*project.command()[:-2], "--workflow-profile", "bare"]
    done = subprocess.run(
        command, cwd=project.folder, env=project.environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Error: cores have to be specified" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_reference_is_a_warning_with_the_ids(project):
    project.edit("quiz.csv", "['pue']", "\"['pue','nowhere']\"")
    run = project.run("results/quiz/questions.jsonl")
    assert run.code == 0
    assert "questions refer to what the corpus does not have: q3 (quiz.csv:4): " in run.text
    assert "document 'nowhere'" in run.text
