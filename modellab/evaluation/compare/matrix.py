"""The wide matrix: one row per question, and what each model answered beside one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.records import Question, Status
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.entries import components_of, entries_of
from modellab.evaluation.compare.partial import missing_cells
from modellab.evaluation.compare.score_files import FIRST_REPEAT, ROW_COLUMNS, ScoredModel
from modellab.tasks import matrix_columns as columns_of
from modellab.tasks.matrix import Cells, MatrixColumns, question_cells

ScoreRow = Mapping[str, str]


def write_matrix(
    path: Path,
    questions: Sequence[Question],
    models: Sequence[ScoredModel],
    missing: Sequence[str] = (),
) -> None:
    """Write the matrix of all models, in the order given, with their first repeat.

    Where models are missing, a last column `models_missing` names them in every row.
    """
    mark = missing_cells(missing)
    rows = [{**row, **mark} for row in matrix_rows(questions, models)]
    write_csv(path, [*matrix_columns(questions, models), *mark], rows)


def matrix_columns(questions: Sequence[Question], models: Sequence[ScoredModel]) -> list[str]:
    """The columns of questions, of the flags that any of them has, and of each model's answers."""
    layout = _layout(models)
    about = list(dict.fromkeys(name for q in questions for name in layout.question(q)))
    answers = [
        f"{entry.name}_{column}"
        for entry in entries_of([model.scores for model in models])
        for column in layout.answer_columns
    ]
    return [*about, *_flags(layout, questions), *answers]


def matrix_rows(questions: Sequence[Question], models: Sequence[ScoredModel]) -> list[Cells]:
    """One row per question, in order. A question that a model has no row for has empty cells."""
    layout = _layout(models)
    flags = _flags(layout, questions)
    answers = [answer for model in models for answer in _answers(layout, questions, model)]
    return [
        {
            **{column: harmless(cell) for column, cell in layout.question(question).items()},
            **{flag: str(int(flag in question.tags)) for flag in flags},
            **{
                f"{name}_{column}": harmless(cell)
                for name, by_question in answers
                for column, cell in by_question.get(question.id, {}).items()
            },
        }
        for question in questions
    ]


def _layout(models: Sequence[ScoredModel]) -> MatrixColumns:
    scores = [model.scores for model in models]
    components_of(scores)
    return columns_of(scores[0].task) or _plain_columns(models)


def _plain_columns(models: Sequence[ScoredModel]) -> MatrixColumns:
    """Everything that is known of a question; of an answer its fields and its marks by name."""
    rows = [row for model in models for row in model.rows]
    known = [name for name in (rows[0] if rows else {}) if name not in ROW_COLUMNS]
    columns = ("status", "outcome", *known)
    return MatrixColumns(
        question=question_cells,
        flags=None,
        answer_columns=columns,
        answer=lambda row: {name: row[name] for name in columns},
    )


def _flags(layout: MatrixColumns, questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the data set knows: a 0 for another would claim what nobody looked at."""
    if layout.flags is None:
        return tuple(dict.fromkeys(tag for question in questions for tag in question.tags))
    known = {name for question in questions for name in (*question.truth, *question.tags)}
    return tuple(flag for flag in layout.flags if flag in known)


def _answers(
    layout: MatrixColumns, questions: Sequence[Question], model: ScoredModel
) -> list[tuple[str, dict[str, Cells]]]:
    """Per entry of the model: its name, and its cells by question."""
    ids = {question.id for question in questions}
    found: dict[str, dict[str, Cells]] = {s.retriever: {} for s in model.scores.summaries}
    for row in model.rows:
        if int(row["repeat"]) == FIRST_REPEAT:
            cells = {} if row["status"] == Status.MISSING else layout.answer(row)
            _put(found, ids, model.scores.name, row, cells)
    entries = entries_of([model.scores])
    return [(entry.name, found[entry.summary.retriever]) for entry in entries]


def _put(
    found: dict[str, dict[str, Cells]], ids: set[str], model: str, row: ScoreRow, cells: Cells
) -> None:
    question, retriever = row["question_id"], row["retriever"]
    where = f"scores of {model}: question {question!r}, retriever {retriever!r}"
    if question not in ids:
        raise InputError(f"{where}: no such question in the data set; score the model again")
    if retriever not in found:
        raise InputError(f"{where}: the model's record has no such retriever; score it again")
    if question in found[retriever]:
        raise InputError(f"{where}: duplicate row")
    found[retriever][question] = cells
