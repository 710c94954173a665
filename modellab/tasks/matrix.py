"""The columns of a task in the wide table of questions and models' answers (`matrix.csv`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from modellab.core.records import Question

Cells = dict[str, str]
#: between several right answers in one cell
SEPARATOR = " | "


class MatrixColumns(NamedTuple):
    """What is said of a question, and what of a model's answer to it.

    Attributes:
        question: the cells of a question, by column.
        flags: the tags of questions that have a column of 0 and 1 each; None: all there are.
        answer_columns: the columns of one model, in order.
        answer: their cells, from a row of scores.
    """

    question: Callable[[Question], Cells]
    flags: tuple[str, ...] | None
    answer_columns: tuple[str, ...]
    answer: Callable[[Mapping[str, str]], Cells]


def question_cells(question: Question) -> Cells:
    """All that is known of a question: the columns of tasks without columns of their own."""
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
