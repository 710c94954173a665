"""WattBot's columns in the wide table, under the names of the published one."""

from __future__ import annotations

from collections.abc import Mapping

from modellab.core.records import Question
from modellab.tasks.matrix import SEPARATOR, MatrixColumns
from modellab.tasks.wattbot.task import FLAGS


def _question(question: Question) -> Mapping[str, str]:
    truth = question.truth
    return {
        "id": question.id,
        "question": question.text,
        "GT_Value": SEPARATOR.join([truth.get("answer_value", ""), *question.other_answers]),
        "GT_Ref": truth.get("ref_id", ""),
        "GT_Explanation": truth.get("explanation", ""),
        "answer_unit": question.given.get("answer_unit", truth.get("answer_unit", "")),
    }


MATRIX = MatrixColumns(
    question=_question,
    flags=FLAGS,
    answer={
        "Value": "answer_value",
        "Ref": "ref_id",
        "ValCorrect": "value_correct",
        "RefScore": "ref_score",
        "NACorrect": "na_correct",
        "Outcome": "outcome",
    },
    yes_no=frozenset({"ValCorrect", "NACorrect"}),
)
