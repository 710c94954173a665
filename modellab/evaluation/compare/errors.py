"""What each model got wrong: one table of counts, and each model's wrong questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from modellab.core.io.atomic import atomic_folder
from modellab.core.io.csv_file import write_csv
from modellab.core.records import Outcome, Question
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.marks import NONE, OUTCOMES, Marks
from modellab.evaluation.compare.score_files import FIRST_REPEAT, ROW_COLUMNS, ScoredModel
from modellab.tasks.matrix import truth_cells

Row = dict[str, object]
ERROR_COLUMNS = ("model", *OUTCOMES, "total", "accuracy", "error_ids", "control")
#: the published tables have so many digits
_DIGITS = 4


def write_errors(path: Path, questions: Sequence[Question], marks: Marks) -> None:
    write_csv(path, ERROR_COLUMNS, error_rows(questions, marks))


def error_rows(questions: Sequence[Question], marks: Marks) -> list[Row]:
    """A row per system, the most accurate first, controls last: its questions by outcome.

    Questions without an outcome are left out; `error_ids` are those whose outcome is not right.
    There is no `accuracy` where the scorer does not say from when on an answer is right.
    """
    ids = np.array([question.id for question in questions], dtype=object)
    rows: list[tuple[bool, float, Row]] = []
    for place, name in enumerate(marks.systems):
        column, control = marks.outcomes[place], bool(marks.controls[place])
        counts = [int((column == outcome).sum()) for outcome in range(len(OUTCOMES))]
        total = sum(counts)
        right = OUTCOMES.index(Outcome.RIGHT)
        share = counts[right] / total if total and marks.graded[place] else None
        cells = (
            *(name, *counts, total),
            None if share is None else round(share, _DIGITS),
            ";".join(ids[(column != NONE) & (column != right)]),
            control,
        )
        row: Row = dict(zip(ERROR_COLUMNS, cells, strict=True))
        rows.append((control, 1.0 if share is None else -share, row))
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
            columns = ["system", *about, "status", "outcome", *answer]
            write_csv(part / f"{model.scores.name}.csv", columns, wrong_rows(by_id, model))


def wrong_rows(questions: Mapping[str, Question], model: ScoredModel) -> Iterator[Row]:
    """The first repeats whose outcome is not right, beside the truth, in the order of the scores.

    Missing rows that are left out of the scores are left out here too.
    """
    for row in model.rows:
        is_first = int(row["repeat"]) == FIRST_REPEAT
        left_out = row["outcome"] == Outcome.MISSING and model.scores.missing == "ignore"
        if not is_first or left_out or row["outcome"] in ("", Outcome.RIGHT):
            continue
        yield {
            "system": entry_name(model.scores.name, row["retriever"]),
            **_about(questions[row["question_id"]]),
            "status": row["status"],
            "outcome": row["outcome"],
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
        **{name: harmless(cell) for name, cell in truth_cells(question).items()},
    }
