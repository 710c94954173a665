"""The columns of a task in the wide table of questions and models' answers (`matrix.csv`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from modellab.core.records import Question

#: separates several right answers in one cell
SEPARATOR = " | "


class MatrixColumns(NamedTuple):
    """The columns of a question, and of a system's answer to it.

    Attributes:
        question: the cells of a question, by column.
        flags: the tags with a column of 0 and 1 each; None: all tags.
        answer: by column of the matrix its column in the table of scores.
        yes_no: the columns among them with scores written as True (1) or False.
    """

    question: Callable[[Question], Mapping[str, str]]
    flags: tuple[str, ...] | None
    answer: Mapping[str, str]
    yes_no: frozenset[str] = frozenset()


def question_cells(question: Question) -> Mapping[str, str]:
    """Text, inputs and the reference; where several answers are right, the others too."""
    others = {"GT_other_answers": SEPARATOR.join(question.other_answers)}
    return {
        "id": question.id,
        "question": question.text,
        **question.inputs,
        **{f"GT_{name}": value for name, value in question.reference.items()},
        **(others if question.other_answers else {}),
    }
