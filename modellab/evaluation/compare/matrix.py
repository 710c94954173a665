"""All answers in one table: wide (a row per question) and long (a row per answer)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from modellab.core.records import Question, Status
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.evaluation.frame import Scores
from modellab.tasks import matrix_columns
from modellab.tasks.canonical import MatrixColumns, question_cells


def matrix_table(scores: Scores) -> pd.DataFrame:
    """One row per question, in order: what is known of it, then each system's first repeat.

    A question that a system has no row for has empty cells.
    """
    components_of(scores.models)
    layout = matrix_columns(scores.models[0].task) or _plain_columns(scores)
    about = questions_table(scores.questions, layout.question)
    flags = pd.DataFrame(
        {
            flag: [int(flag in question.tags) for question in scores.questions]
            for flag in _flags(layout, scores.questions)
        }
    )
    return pd.concat([about, flags, _answers(layout, scores)], axis=1)


def questions_table(
    questions: Sequence[Question], describe: Callable[[Question], Mapping[str, str]] | None = None
) -> pd.DataFrame:
    """What is known of each question; a column that a question lacks is empty for it."""
    rows = [(describe or question_cells)(question) for question in questions]
    columns = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame(
        {name: pd.Series([row.get(name, "") for row in rows], dtype="str") for name in columns}
    )


def _answers(layout: MatrixColumns, scores: Scores) -> pd.DataFrame:
    rows = scores.rows
    shown = rows[(rows["repeat"] == FIRST_REPEAT) & (rows["status"] != Status.MISSING)]
    cells = pd.DataFrame(
        {
            name: (shown[column] == 1).where(shown[column].notna()).astype("boolean")
            if name in layout.yes_no
            else shown[column]
            for name, column in layout.answer.items()
        }
    )
    keyed = cells.set_index([shown["question_id"], shown["system"]])
    order = [(name, entry.name) for entry in scores.entries for name in layout.answer]
    wide = pd.DataFrame(keyed.unstack("system")).reindex(
        index=[question.id for question in scores.questions],
        columns=pd.MultiIndex.from_tuples(order),
    )
    wide.columns = pd.Index([f"{system}_{name}" for name, system in order])
    return wide.reset_index(drop=True)


def _plain_columns(scores: Scores) -> MatrixColumns:
    """Everything that is known of a question; of an answer its fields and its scores by name."""
    columns = ("status", "outcome", *scores.own_columns)
    return MatrixColumns(question_cells, None, {name: name for name in columns})


def _flags(layout: MatrixColumns, questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the dataset has: a 0 for another would claim that somebody checked it."""
    if layout.flags is None:
        return tuple(dict.fromkeys(tag for question in questions for tag in question.tags))
    known = {name for question in questions for name in (*question.reference, *question.tags)}
    return tuple(flag for flag in layout.flags if flag in known)
