"""The newest version of the WattBot rules: both sides are read in the same way.

What a value may look like is `modellab.core.values`. An unanswerable question has one right value,
which is to abstain: other than under the published rules, an invented value is worth nothing.
Ids are those of a list as JSON or Python writes it; `is_blank` and an empty cell are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore, Status
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.values.comparing import Rules, Tolerance, Written, read_tolerance, same_value
from modellab.core.values.digits import NumberStyle
from modellab.core.values.ids import read_ids
from modellab.core.values.spelling import plain, text_key
from modellab.core.values.units import read_unit
from modellab.tasks.wattbot.scoring.marking import (
    COMPONENTS,
    MARKS,
    cell,
    marked,
    summed_up,
    unanswered,
)
from modellab.tasks.wattbot.scoring.references import jaccard


@dataclass(frozen=True)
class NormalisedScorer:
    """Version 4. `style` decides what `1,234` is in this dataset, on both sides."""

    style: NumberStyle
    tolerance: Tolerance
    name: str = "v4"
    marks: tuple[str, ...] = MARKS
    components: tuple[str, ...] = COMPONENTS
    correct: str = "value_correct"

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        if prediction.status in NO_ANSWER:
            return unanswered(prediction)
        abstained = prediction.status == Status.ABSTAINED
        right = not abstained and self._is_right(question, prediction)
        return marked(
            prediction,
            value=float(abstained if question.unanswerable else right),
            unit=_unit(question, prediction),
            reference=jaccard(_true_ids(question), _ids(cell(prediction.answer, "ref_id"))),
            na=float(abstained or not question.unanswerable),
        )

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """`na_recall` is the share of abstentions among the questions without an answer."""
        return summed_up(rows, [row for row in rows if questions[row.question_id].unanswerable])

    def _is_right(self, question: Question, prediction: Prediction) -> bool:
        answer = prediction.answer
        given = Written(cell(answer, "answer_value"), answer.get("answer_unit", BLANK))
        tolerance = read_tolerance(question.truth.get("tolerance", ""), self.tolerance)
        rules = Rules(self.style, tolerance or self.tolerance, as_text=tolerance is None)
        return any(
            same_value(Written(value, asked_unit(question)), given, rules)
            for value in true_values(question)
        )


def true_values(question: Question) -> tuple[str, ...]:
    """The true value, and further right ones."""
    return (question.truth["answer_value"], *question.other_answers)


def asked_unit(question: Question) -> str:
    """The unit that the true value is in: that of the truth, else the one that was asked for."""
    return question.truth.get("answer_unit", question.given.get("answer_unit", BLANK))


def _unit(question: Question, prediction: Prediction) -> float | None:
    """Whether the unit is the true one; None where the truth has no column of units."""
    if "answer_unit" not in question.truth:
        return None
    true, given = question.truth["answer_unit"], cell(prediction.answer, "answer_unit")
    same = text_key(true) == text_key(given) or read_unit(true) == read_unit(given)
    return float(same)


def _true_ids(question: Question) -> set[str]:
    """Those that the truth names, else the documents that the question refers to."""
    if "ref_id" in question.truth:
        return _ids(question.truth["ref_id"])
    return {plain(name).casefold() for name in question.references}


def _ids(text: str) -> set[str]:
    return {plain(name).casefold() for name in read_ids(text) if not is_blank(name)}
