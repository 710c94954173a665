from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import Outcome, Status
from modellab.evaluation.frame import COLUMNS, read_dataset


@pytest.fixture
def files(tmp_path, questions, qwen, submission):
    """Writes the models, and reads them as one frame."""

    def read(models=(qwen, submission)):
        write_rows(tmp_path / "questions.jsonl", questions)
        for model in models:
            name = model.scores.name
            write_json(tmp_path / f"{name}.json", asdict(model.scores))
            write_csv(tmp_path / f"{name}.csv", list(model.rows[0]), model.rows)
        names = [model.scores.name for model in models]
        return read_dataset(
            tmp_path / "questions.jsonl",
            [tmp_path / f"{name}.json" for name in names],
            [tmp_path / f"{name}.csv" for name in names],
        )

    return read


def test_one_row_per_system_question_and_repeat(files):
    scores = files()
    assert list(scores.rows)[: len(COLUMNS)] == list(COLUMNS)
    assert len(scores.rows) == 8
    assert scores.rows["question_id"].cat.categories.tolist() == ["q2", "q1", "q3"]
    systems = ["qwen@bm25", "qwen@oracle", "team-v2-test"]
    assert scores.rows["system"].cat.categories.tolist() == systems
    assert [entry.name for entry in scores.entries] == systems


def test_example_scores_are_numbers_and_answers_are_text(files):
    rows = files().rows
    assert rows["ref_score"].tolist()[0] == 0.3333333333333333
    assert rows["unit_correct"].isna().all()
    assert rows["answer_value"].tolist()[:3] == ["ML.ENERGY", "=1+1", ""]
    assert rows["status"].cat.categories.tolist() == [str(status) for status in Status]
    assert rows["outcome"].cat.categories.tolist() == [str(outcome) for outcome in Outcome]


def test_missing_rows_are_counted_unless_they_are_ignored(files, submission, qwen):
    assert len(files().counted) == 8
    ignoring = replace(submission, scores=replace(submission.scores, missing="ignore"))
    scores = files((qwen, ignoring))
    assert len(scores.rows) == 8
    assert len(scores.counted) == 7
    assert len(scores.first) == 6


@pytest.mark.parametrize(
    ("question", "retriever", "message"),
    [
        ("q9", "bm25", r"scores of qwen: question 'q9'.*no such question"),
        ("q1", "dense", r"'dense'.*no such retriever"),
        ("q2", "bm25", "duplicate row"),
    ],
)
def test_a_row_of_nothing_known_or_a_second_one_is_an_error(
    files, qwen, build, question, retriever, message
):
    stray = replace(qwen, rows=(*qwen.rows, build.row(question, retriever)))
    with pytest.raises(InputError, match=message):
        files((stray,))


def test_tables_of_different_rules_are_an_error(files, qwen, submission):
    rows = tuple({**row, "other": "1"} for row in submission.rows)
    with pytest.raises(InputError, match="different columns"):
        files((qwen, replace(submission, rows=rows)))


def test_no_model_is_an_error(files):
    with pytest.raises(InputError, match="no scored model"):
        files(())
