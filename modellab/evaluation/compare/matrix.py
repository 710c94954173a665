"""The wide matrix: one row per question, and what each model answered beside one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.records import Question, Status
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.entries import components_of, entries_of
from modellab.evaluation.compare.partial import missing_cells
from modellab.evaluation.compare.score_files import FIRST_REPEAT, ROW_COLUMNS, ScoredModel
from modellab.questions import wattbot

Cells = dict[str, str]
ScoreRow = Mapping[str, str]
#: between several right answers in one cell
SEPARATOR = " | "


class Layout(NamedTuple):
    """A task's columns: what is said of a question, and what of a model's answer to it.

    `flags` None stands for all tags that questions have.
    """

    question: Callable[[Question], Cells]
    flags: tuple[str, ...] | None
    answer_columns: tuple[str, ...]
    answer: Callable[[ScoreRow], Cells]


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


def _layout(models: Sequence[ScoredModel]) -> Layout:
    scores = [model.scores for model in models]
    components_of(scores)
    task = scores[0].task
    return LAYOUTS.get(task) or _plain_layout(models)


def _plain_layout(models: Sequence[ScoredModel]) -> Layout:
    """Everything that is known of a question; of an answer its fields and its marks by name."""
    rows = [row for model in models for row in model.rows]
    known = [name for name in (rows[0] if rows else {}) if name not in ROW_COLUMNS]
    columns = ("status", "outcome", *known)
    return Layout(
        question=_plain_question,
        flags=None,
        answer_columns=columns,
        answer=lambda row: {name: row[name] for name in columns},
    )


def _flags(layout: Layout, questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the data set knows: a 0 for another would claim what nobody looked at."""
    if layout.flags is None:
        return tuple(dict.fromkeys(tag for question in questions for tag in question.tags))
    known = {name for question in questions for name in (*question.truth, *question.tags)}
    return tuple(flag for flag in layout.flags if flag in known)


def _answers(
    layout: Layout, questions: Sequence[Question], model: ScoredModel
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
        raise InputError(f"{where}: stands twice")
    found[retriever][question] = cells


def _plain_question(question: Question) -> Cells:
    return {
        "id": question.id,
        "question": question.text,
        **question.given,
        **truth_cells(question),
    }


def truth_cells(question: Question) -> Cells:
    """What is true of a question, by column; where several answers are right, the others too."""
    others = {"GT_other_answers": SEPARATOR.join(question.other_answers)}
    return {
        **{f"GT_{name}": value for name, value in question.truth.items()},
        **(others if question.other_answers else {}),
    }


def _wattbot_question(question: Question) -> Cells:
    truth = question.truth
    return {
        "id": question.id,
        "question": question.text,
        "GT_Value": SEPARATOR.join([truth.get("answer_value", ""), *question.other_answers]),
        "GT_Ref": truth.get("ref_id", ""),
        "GT_Explanation": truth.get("explanation", ""),
        "answer_unit": question.given.get("answer_unit", truth.get("answer_unit", "")),
    }


def _wattbot_answer(row: ScoreRow) -> Cells:
    """A failed or unreadable answer has no value, but keeps the marks it was counted with."""
    return {
        "Value": row["answer_value"],
        "Ref": row["ref_id"],
        "ValCorrect": _truth(row["value_correct"]),
        "RefScore": row["ref_score"],
        "NACorrect": _truth(row["na_correct"]),
        "Outcome": row["outcome"],
    }


def _truth(mark: str) -> str:
    """A mark as True or False; empty where it does not apply."""
    return str(float(mark) == 1.0) if mark else ""


#: a task whose matrix has columns of its own names them here
LAYOUTS: Mapping[str, Layout] = {
    "wattbot": Layout(
        question=_wattbot_question,
        flags=wattbot.FLAGS,
        answer_columns=("Value", "Ref", "ValCorrect", "RefScore", "NACorrect", "Outcome"),
        answer=_wattbot_answer,
    ),
}
