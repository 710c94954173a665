"""All answers in one table: wide (a row per question) and long (a row per answer)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from modellab.core.io.frames import write_frame
from modellab.core.records import Question, Status
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.frame import FIRST_REPEAT, Scores, read_dataset, with_missing
from modellab.questions import wattbot

#: between several right answers in one cell
SEPARATOR = " | "


class Layout(NamedTuple):
    """A task's columns: what is said of a question, and what of a system's answer to it.

    `flags` None stands for all tags that questions have. `answer` names the column of the frame
    by the one of the matrix; scores among `yes_no` are written as True (1) or False.
    """

    question: Callable[[Question], Mapping[str, str]]
    flags: tuple[str, ...] | None
    answer: Mapping[str, str]
    yes_no: frozenset[str] = frozenset()


def write_matrix(
    questions: Path,
    summaries: Sequence[Path],
    rows: Sequence[Path],
    table: Path,
    missing: Sequence[str] = (),
) -> None:
    """Write the wide matrix; a last column names the models that a partial run goes without."""
    scores = read_dataset(questions, summaries, rows)
    write_frame(table, with_missing(matrix_table(scores), missing))


def write_long_matrix(
    questions: Path, summaries: Sequence[Path], rows: Sequence[Path], table: Path
) -> None:
    """Write the tidy frame itself: all rows of all models, in their order."""
    write_frame(table, read_dataset(questions, summaries, rows).rows)


def matrix_table(scores: Scores) -> pd.DataFrame:
    """One row per question, in order: what is known of it, then each system's first repeat.

    A question that a system has no row for has empty cells.
    """
    components_of(scores.models)
    layout = LAYOUTS.get(scores.models[0].task) or _plain_layout(scores)
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
    rows = [(describe or plain_question)(question) for question in questions]
    columns = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame(
        {name: pd.Series([row.get(name, "") for row in rows], dtype="str") for name in columns}
    )


def plain_question(question: Question) -> Mapping[str, str]:
    """Text, inputs and the reference; where several answers are right, the others too."""
    others = {"GT_other_answers": SEPARATOR.join(question.other_answers)}
    return {
        "id": question.id,
        "question": question.text,
        **question.given,
        **{f"GT_{name}": value for name, value in question.truth.items()},
        **(others if question.other_answers else {}),
    }


def _answers(layout: Layout, scores: Scores) -> pd.DataFrame:
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


def _plain_layout(scores: Scores) -> Layout:
    """Everything that is known of a question; of an answer its fields and its scores by name."""
    columns = ("status", "outcome", *scores.own_columns)
    return Layout(plain_question, None, {name: name for name in columns})


def _flags(layout: Layout, questions: Sequence[Question]) -> tuple[str, ...]:
    """The flags that the dataset knows: a 0 for another would claim what nobody looked at."""
    if layout.flags is None:
        return tuple(dict.fromkeys(tag for question in questions for tag in question.tags))
    known = {name for question in questions for name in (*question.truth, *question.tags)}
    return tuple(flag for flag in layout.flags if flag in known)


def _wattbot_question(question: Question) -> Mapping[str, str]:
    truth = question.truth
    return {
        "id": question.id,
        "question": question.text,
        "GT_Value": SEPARATOR.join([truth.get("answer_value", ""), *question.other_answers]),
        "GT_Ref": truth.get("ref_id", ""),
        "GT_Explanation": truth.get("explanation", ""),
        "answer_unit": question.given.get("answer_unit", truth.get("answer_unit", "")),
    }


#: a task whose matrix has columns of its own names them here
LAYOUTS: Mapping[str, Layout] = {
    "wattbot": Layout(
        question=_wattbot_question,
        flags=wattbot.FLAGS,
        answer={
            "Value": "answer_value",
            "Ref": "ref_id",
            "ValCorrect": "value_correct",
            "RefScore": "ref_score",
            "NACorrect": "na_correct",
            "Outcome": "outcome",
        },
        yes_no=frozenset({"ValCorrect", "NACorrect"}),
    ),
}
