"""What each model got wrong: one table of counts, and each model's wrong questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from modellab.compare.entries import entry_name
from modellab.compare.marks import Marks
from modellab.compare.score_files import FIRST_REPEAT, ROW_COLUMNS, ScoredModel
from modellab.records import Question
from modellab.spreadsheet import harmless
from modellab.storage.atomic import atomic_folder
from modellab.storage.csvfile import write_csv

Row = dict[str, object]
ERROR_COLUMNS = ("model", "correct", "wrong", "total", "accuracy", "wrong_ids", "control")
#: the published tables have so many digits
_DIGITS = 4


def write_errors(path: Path, questions: Sequence[Question], marks: Marks) -> None:
    write_csv(path, ERROR_COLUMNS, error_rows(questions, marks))


def error_rows(questions: Sequence[Question], marks: Marks) -> list[Row]:
    """A row per system, the most accurate first, controls after all others.

    Questions that are not marked are left out.
    """
    ids = np.array([question.id for question in questions], dtype=object)
    rows: list[tuple[bool, float, Row]] = []
    for name, column, control in zip(marks.systems, marks.correct, marks.controls, strict=True):
        right, wrong = int((column == 1).sum()), int((column == 0).sum())
        total = right + wrong
        share = right / total if total else None
        cells = (
            *(name, right, wrong, total),
            None if share is None else round(share, _DIGITS),
            ";".join(ids[column == 0]),
            bool(control),
        )
        row: Row = dict(zip(ERROR_COLUMNS, cells, strict=True))
        rows.append((bool(control), 1.0 if share is None else -share, row))
    return [row for _, _, row in sorted(rows, key=lambda one: one[:2])]


def write_wrong_questions(
    folder: Path, questions: Sequence[Question], models: Iterable[ScoredModel]
) -> None:
    """Write a table per model into `folder`; a model without a wrong answer has a header only."""
    by_id = {question.id: question for question in questions}
    about = list(dict.fromkeys(name for q in questions for name in _about(q)))
    with atomic_folder(folder) as part:
        for model in models:
            known: Mapping[str, str] = model.rows[0] if model.rows else {}
            answer = [f"Model_{name}" for name in known if name not in ROW_COLUMNS]
            columns = ["system", *about, "status", *answer]
            write_csv(part / f"{model.scores.name}.csv", columns, wrong_rows(by_id, model))


def wrong_rows(questions: Mapping[str, Question], model: ScoredModel) -> Iterator[Row]:
    """The first repeats that are wrong, beside the truth, in the order of the scores."""
    mark = model.scores.correct
    for row in model.rows:
        is_first = int(row["repeat"]) == FIRST_REPEAT
        if mark is None or not is_first or row[mark] == "" or float(row[mark]) == 1.0:
            continue
        yield {
            "system": entry_name(model.scores.name, row["retriever"]),
            **_about(questions[row["question_id"]]),
            "status": row["status"],
            **{
                f"Model_{name}": harmless(cell)
                for name, cell in row.items()
                if name not in ROW_COLUMNS
            },
        }


def _about(question: Question) -> Row:
    return {
        "id": question.id,
        "question": harmless(question.text),
        **{name: harmless(value) for name, value in question.given.items()},
        **{f"GT_{name}": harmless(value) for name, value in question.truth.items()},
    }
