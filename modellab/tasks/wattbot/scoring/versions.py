"""The competition's rules in their three published versions.

v1 compares values as written; v2 first brings numbers of the submission into a plain form; v3
also reads true and yes as 1, false and no as 0. A question that cannot be answered gives its
value mark to every answer; only the not-answerable mark and the references then count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.text.blank import is_blank
from modellab.tasks.wattbot.scoring.marking import (
    COMPONENTS,
    MARKS,
    cell,
    marked,
    summed_up,
    unanswered,
)
from modellab.tasks.wattbot.scoring.normalise import normalise_boolean, normalise_number
from modellab.tasks.wattbot.scoring.references import reference_overlap
from modellab.tasks.wattbot.scoring.values import same_value


@dataclass(frozen=True)
class VersionedScorer:
    """One version of the rules; `numbers` and `booleans` say what it normalises."""

    name: str
    numbers: bool
    booleans: bool
    marks: tuple[str, ...] = MARKS
    components: tuple[str, ...] = COMPONENTS
    correct: str = "value_correct"

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        if prediction.status in NO_ANSWER:
            return unanswered(prediction)
        truth, answer = question.truth, prediction.answer
        value = cell(answer, "answer_value")
        return marked(
            prediction,
            value=float(self._value(truth["answer_value"], value)),
            unit=_unit(truth, answer),
            reference=reference_overlap(truth["ref_id"], cell(answer, "ref_id")),
            na=float(not is_blank(truth["answer_value"]) or is_blank(value)),
        )

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """`na_recall` is the share of abstentions among the questions without an answer."""
        unanswerable = [
            row for row in rows if is_blank(questions[row.question_id].truth["answer_value"])
        ]
        return summed_up(rows, unanswerable)

    def _value(self, truth: str, value: str) -> bool:
        return is_blank(truth) or same_value(truth, self._normalised(value))

    def _normalised(self, value: str) -> str:
        if self.booleans:
            value = normalise_boolean(value)
        return normalise_number(value) if self.numbers else value


def _unit(truth: Mapping[str, str], answer: Mapping[str, str]) -> float | None:
    """Whether the unit is the true one; None where the truth has no column of units."""
    if "answer_unit" not in truth:
        return None
    return float(_plain(truth["answer_unit"]) == _plain(cell(answer, "answer_unit")))


def _plain(unit: str) -> str:
    return unit.strip().lower()
