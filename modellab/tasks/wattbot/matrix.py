"""WattBot's columns in the wide table, under the names of the published one."""

from __future__ import annotations

from collections.abc import Mapping

from modellab.core.records import Question
from modellab.tasks.matrix import SEPARATOR, Cells, MatrixColumns
from modellab.tasks.wattbot.task import FLAGS


def _question(question: Question) -> Cells:
    truth = question.truth
    return {
        "id": question.id,
        "question": question.text,
        "GT_Value": SEPARATOR.join([truth.get("answer_value", ""), *question.other_answers]),
        "GT_Ref": truth.get("ref_id", ""),
        "GT_Explanation": truth.get("explanation", ""),
        "answer_unit": question.given.get("answer_unit", truth.get("answer_unit", "")),
    }


def _answer(row: Mapping[str, str]) -> Cells:
    """A failed or unreadable answer has no value, but keeps the scores it was counted with."""
    return {
        "Value": row["answer_value"],
        "Ref": row["ref_id"],
        "ValCorrect": _truth(row["value_correct"]),
        "RefScore": row["ref_score"],
        "NACorrect": _truth(row["na_correct"]),
        "Outcome": row["outcome"],
    }


def _truth(mark: str) -> str:
    """A score as True or False; empty where it does not apply."""
    return str(float(mark) == 1.0) if mark else ""


MATRIX = MatrixColumns(
    question=_question,
    flags=FLAGS,
    answer_columns=("Value", "Ref", "ValCorrect", "RefScore", "NACorrect", "Outcome"),
    answer=_answer,
)
