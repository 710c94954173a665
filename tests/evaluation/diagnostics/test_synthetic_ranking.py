import json

import pytest

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.diagnostics.synthetic_ranking import RankedDataset, write_synthetic_ranking
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.tasks import parse_scorer, parse_task

TASK, SCORER = parse_task("open_qa"), parse_scorer("texts")


def ranked(folder, right, questions=20, controls=()):
    """Each model answers its first `right` of all questions right, or those with a 1."""
    (folder / "scores").mkdir(parents=True)
    asked = [
        Question(f"q{n}", f"What is {n}?", {}, {"answer": "yes"}, ()) for n in range(questions)
    ]
    write_rows(folder / "questions.jsonl", asked)
    (folder / "run.json").write_text(
        json.dumps({"fingerprint": {}, "seed": 1, "prompt": None, "runs": []})
    )
    for model, count in right.items():
        marks = count if isinstance(count, str) else "1" * count + "0" * (questions - count)
        answers = ["yes" if mark == "1" else "no" for mark in marks]
        rows = [
            Prediction(one.id, "bm25", 1, Status.ANSWERED, {"answer": text}, text, "k")
            for one, text in zip(asked, answers, strict=True)
        ]
        write_rows(folder / f"{model}.jsonl", rows)
        job = ScoreJob(
            *(model, folder.name, TASK, SCORER, "incorrect", "extractive", model, True, None),
            controls=["bm25"] if model in controls else [],
        )
        inputs = (folder / name for name in ("questions.jsonl", f"{model}.jsonl", "run.json"))
        score_model(
            job, *inputs, *(folder / "scores" / f"{model}.{kind}" for kind in ("csv", "json"))
        )
    return RankedDataset(folder, list(right), TASK, SCORER)


@pytest.fixture
def table(tmp_path):
    """The table of these right answers by model, in the dataset of synthetic questions and in
    that of people's."""

    def write(synthetic, people, **options):
        one = ranked(tmp_path / "made", synthetic, **options)
        other = ranked(tmp_path / "exam", people)
        out = tmp_path / "synthetic_ranking.csv"
        write_synthetic_ranking(out, [one, other], StatisticsOptions(resamples=300), 7)
        (row,) = read_csv(out).rows
        return row

    return write


def test_the_same_ranking(table):
    right = {"a": 19, "b": 14, "c": 8, "d": 1}
    row = table(right, dict(reversed(right.items())))
    assert (row["dataset"], row["systems"], row["kendall_tau"]) == ("exam", "4", "1.0")
    assert 0.5 < float(row["low"]) <= float(row["high"]) == 1.0
    assert (row["best"], row["best_there"]) == ("a@bm25", "a@bm25")


def test_one_pair_that_changed_places(table):
    """Five of six pairs agree, one does not: (5 - 1) / 6."""
    row = table({"a": 18, "b": 12, "c": 8, "d": 2}, {"a": 18, "b": 8, "c": 12, "d": 2})
    assert float(row["kendall_tau"]) == pytest.approx(4 / 6)


def test_another_best_system(table):
    row = table({"a": 18, "b": 10, "c": 3}, {"a": 3, "b": 10, "c": 18})
    assert float(row["kendall_tau"]) == -1.0
    assert (row["best"], row["best_there"]) == ("a@bm25", "c@bm25")


def test_too_few_questions_to_say_so(table):
    synthetic = {"a": "11000", "b": "00100", "c": "00000"}
    row = table(synthetic, {"a": 18, "b": 10, "c": 3}, questions=5)
    assert float(row["kendall_tau"]) == 1.0
    assert float(row["low"]) <= 0


def test_systems_of_both_count_and_controls_do_not(table):
    row = table({"a": 18, "b": 10, "x": 9}, {"a": 18, "b": 10, "y": 3}, controls=["b"])
    assert (row["systems"], row["kendall_tau"]) == ("1", "")


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one = ranked(tmp_path / "made", {"a": 12, "b": 10, "c": 3})
    other = ranked(tmp_path / "exam", {"a": 10, "b": 12, "c": 3})
    for name in ("x.csv", "y.csv"):
        options = StatisticsOptions(resamples=100)
        write_synthetic_ranking(tmp_path / name, [one, other], options, 7)
    assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "y.csv").read_bytes()
