"""A finished benchmark of three questions, with a bundle of it."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from modellab.core.layout import QUESTIONS
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.reporting.page.page import write_report
from modellab.reporting.page.results import DatasetResults
from modellab.tasks import parse_scorer, parse_task
from modellab.workflow.bundles.rescoring import make_tables
from modellab.workflow.cli.app import app

CONFIG = """\
# one of ours
seed: 3
datasets:
  quiz: {questions: quiz.csv}
models:
"""
TRUTH = (
    "id,question,answer_value,answer_unit,ref_id\nq1,How?,5,MWh,['a']\nq2,Who?,Ann,is_blank,['a']\n"
)
ANSWERS = {"ann": ("5", "Ann"), "bob": ("5", "Bob")}


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def question(name, value):
    truth = {"answer_value": value, "answer_unit": "is_blank", "ref_id": "['a']"}
    return {"id": name, "text": "?", "inputs": {}, "reference": truth, "references": ["a"]}


def prediction(name, value):
    answer = {"answer_value": value, "ref_id": '["a"]', "explanation": "x", "answer": value}
    answer |= {"answer_unit": "is_blank"}
    about = {"question_id": name, "retriever": "external", "repeat": 1, "status": "answered"}
    return {**about, "answer": answer, "raw": value, "key": "k"}


def write_benchmark(folder, answers=ANSWERS):
    models = [f"  {name}: {{provider: submission, path: {name}.csv}}\n" for name in answers]
    (folder / "config.yaml").write_text(CONFIG + "".join(models))
    (folder / "quiz.csv").write_text(TRUTH)
    results = folder / "results" / "quiz"
    lines(results / QUESTIONS, [question("q1", "5"), question("q2", "Ann")])
    for model, values in answers.items():
        (folder / f"{model}.csv").write_text("id,answer_value,ref_id,explanation\nq1,5,['a'],x\n")
        rows = [prediction(f"q{n}", value) for n, value in enumerate(values, start=1)]
        lines(results / "predictions" / f"{model}.jsonl", rows)
        run = {"fingerprint": {}, "seed": None, "prompt": None, "runs": []}
        (results / "runs").mkdir(exist_ok=True)
        (results / "runs" / f"{model}.json").write_text(json.dumps(run))
        score(results, model)
    finish(results, list(answers))
    (results / "journal").mkdir()
    (results / "journal" / "ann.jsonl").write_text("not for others")


def finish(results, models=tuple(ANSWERS)):
    """The tables and the page of the scores."""
    task, options = parse_task("wattbot"), StatisticsOptions()
    make_tables(results, models, task, parse_scorer("v4"), options, 3, results)
    write_report(DatasetResults(results, models), task, results / "report")


def score(results, model):
    job = ScoreJob(
        model=model,
        dataset="quiz",
        task=parse_task("wattbot"),
        scorer=parse_scorer("v4"),
        missing="incorrect",
        provider="submission",
        model_id=f"{model}.csv",
        local=False,
        size_b=None,
    )
    score_model(
        job,
        results / QUESTIONS,
        results / "predictions" / f"{model}.jsonl",
        results / "runs" / f"{model}.json",
        results / "scores" / f"{model}.csv",
        results / "scores" / f"{model}.json",
    )


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    write_benchmark(folder)
    return folder


@pytest.fixture
def bench(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def command():
    """Runs a command of `modellab`; gives its exit code and all that it said."""

    def run(*arguments):
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


@pytest.fixture
def bundle(bench, command):
    code, said = command("bundle", "--output", "b.zip")
    assert code == 0, said
    return bench / "b.zip"
