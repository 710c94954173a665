"""How WattBot answers are compared and shown: canonical values, and columns of the wide table."""

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

from modellab.core.records import Question
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.values.comparing import Written, canonical
from modellab.core.values.ids import read_ids
from modellab.tasks.canonical import SEPARATOR, Answer, CanonicalAnswer, MatrixColumns, written_out
from modellab.tasks.wattbot.task import FIELDS, FLAGS


class WattBotAnswer(CanonicalAnswer):
    """The value as the newest rules read it, without the unit, whose spellings differ."""

    has_references: ClassVar[bool] = True

    def of(self, answer: Answer) -> str:
        """The value as `modellab.core.values` normalises it; all blank values are equal."""
        value = answer[self.field]
        return BLANK if is_blank(value) else canonical(Written(value))

    def blank(self) -> Answer:
        return dict.fromkeys(FIELDS, BLANK)

    def references(self, answer: Answer) -> frozenset[str]:
        """The ids of a list in any quotes, or one id."""
        text = answer.get("ref_id", BLANK)
        if text in ("", BLANK):
            return frozenset()
        return frozenset(read_ids(text))

    def with_references(self, answer: Answer, references: Sequence[str]) -> Answer:
        """A sorted JSON list; `is_blank` without any."""
        return {**answer, "ref_id": json.dumps(sorted(references)) if references else BLANK}

    def explained(self, answer: Answer, text: str) -> Answer:
        return {**answer, "answer": text, "explanation": text}

    def text(self, answer: Answer) -> str | None:
        """The answer in words, followed by its value and unit unless the words contain it."""
        if self.field in answer and self.is_blank(answer):
            return None
        words = _known(answer, "answer")
        value = _known(answer, self.field)
        if value and value not in words:
            amount = f"{value} {_known(answer, 'answer_unit')}".strip()
            return f"{words} ({amount})" if words else amount
        return words or written_out(answer)


CANONICAL = WattBotAnswer("answer_value", FIELDS)


def _known(answer: Answer, name: str) -> str:
    text = answer.get(name, "")
    return "" if is_blank(text) else text.strip()


def _question_cells(question: Question) -> Mapping[str, str]:
    truth = question.reference
    return {
        "id": question.id,
        "question": question.text,
        "GT_Value": SEPARATOR.join([truth.get("answer_value", ""), *question.other_answers]),
        "GT_Ref": truth.get("ref_id", ""),
        "GT_Explanation": truth.get("explanation", ""),
        "answer_unit": question.inputs.get("answer_unit", truth.get("answer_unit", "")),
    }


MATRIX = MatrixColumns(
    question=_question_cells,
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
