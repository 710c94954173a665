"""The scorers of WattBot: the newest rules, and options for the published ones.

The newest rules (v4) read truth and answer in the same way (`modellab.core.values`). The only right
value of an unanswerable question is to abstain: unlike under the published rules, an invented value
is worth nothing. Ids are those of a list as JSON or Python writes it; `is_blank` and an empty cell
are none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from modellab.core.metric import MetricFamily, metric_families
from modellab.core.records import Prediction, Question, Status
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.values.comparing import Rules, Tolerance, Written, read_tolerance, same_value
from modellab.core.values.digits import (
    NumberStyle,
    Writing,
    decimal_mark,
    numbers_in,
    read_number,
    style_of,
    writing_of,
)
from modellab.core.values.ids import read_ids
from modellab.core.values.spelling import plain, text_key
from modellab.core.values.units import read_unit
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Additive, Material, Scorer, ScorerOptions
from modellab.tasks.wattbot.published import VERSIONS
from modellab.tasks.wattbot.rules import Marks, WattBotScorer, jaccard, wattbot

(FAMILY,) = metric_families("""
# wattbot: WattBot
on `wattbot` questions, with the rules v1 to v4 or validator (see scoring.md)
in scores/{model}.json leaderboard.csv
value_accuracy | share of rows with `value_correct` | 0 to 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out); in v1 to v3 any answer to an unanswerable question has a right value, in v4 only an abstention | WattBot 2025 scoring script
ref_overlap | mean of `ref_score` | 0 to 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out) | WattBot 2025 scoring script
na_recall | share of `na_correct` among rows whose question has no answer in the documents | 0 to 1 | higher | without such rows 1.0 over 0 rows; the validator averages over all rows | WattBot 2025 scoring script
overall | 0.75 value_accuracy + 0.15 ref_overlap + 0.10 na_recall | 0 to 1 | higher | none without rows | WattBot 2025 scoring script
value_correct | 1 if the answer's value equals the true one within the rules' tolerance, else 0 | 0 or 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out) | WattBot 2025 scoring script
unit_correct | 1 if the answer's unit is the true one, ignoring case and outer spaces, (in v4: in other words too), else 0 | 0 or 1 | higher | empty if the truth has no unit column; has no weight | WattBot 2025 scoring script
ref_score | shared ids / all ids of the true and the given references (Jaccard) | 0 to 1 | higher | two empty sets give 1; `is_blank` is an id like any other (in v4: no id) | WattBot 2025 scoring script
na_correct | 1 if the question has an answer, or the model abstained, else 0 | 0 or 1 | higher | a failure is no abstention | WattBot 2025 scoring script
weighted | 0.75 value_correct + 0.15 ref_score + 0.10 na_correct | 0 to 1 | higher | its mean is not `overall`: there na_correct is averaged over other rows | WattBot 2025 scoring script
""")  # noqa: E501 - a metric is a line


AUTO = "auto"


@dataclass(frozen=True)
class NormalisedScorer(WattBotScorer):
    """Version 4. `style` says what `1,234` is in this dataset, on both sides."""

    style: NumberStyle
    tolerance: Tolerance

    def compare(self, question: Question, prediction: Prediction) -> Marks:
        abstained = prediction.status == Status.ABSTAINED
        right = not abstained and self._is_right(question, prediction.answer)
        references = _ids(prediction.answer.get("ref_id", ""))
        return Marks(
            float(abstained if question.unanswerable else right),
            _unit(question, prediction.answer),
            jaccard(_true_ids(question), references),
            float(abstained or not question.unanswerable),
        )

    def _is_right(self, question: Question, answer: Mapping[str, str]) -> bool:
        given = Written(answer.get("answer_value", ""), answer.get("answer_unit", BLANK))
        # the unit of the truth, else the one that was asked for
        unit = question.reference.get("answer_unit", question.inputs.get("answer_unit", BLANK))
        tolerance = read_tolerance(question.reference.get("tolerance", ""), self.tolerance)
        rules = Rules(self.style, tolerance or self.tolerance, as_text=tolerance is None)
        return any(same_value(Written(v, unit), given, rules) for v in _true_values(question))


def _true_values(question: Question) -> tuple[str, ...]:
    return (question.reference["answer_value"], *question.other_answers)


def _unit(question: Question, answer: Mapping[str, str]) -> float | None:
    """Whether the unit is the true one; None if the truth has no column of units."""
    if "answer_unit" not in question.reference:
        return None
    true, given = question.reference["answer_unit"], answer.get("answer_unit", "")
    return float(text_key(true) == text_key(given) or read_unit(true) == read_unit(given))


def _true_ids(question: Question) -> set[str]:
    """The references of the truth, else the documents that the question refers to."""
    if "ref_id" in question.reference:
        return _ids(question.reference["ref_id"])
    return {plain(name).casefold() for name in question.references}


def _ids(text: str) -> set[str]:
    return {plain(name).casefold() for name in read_ids(text) if not is_blank(name)}


class NormalisedScorerOptions(ScorerOptions):
    """The newest rules: truth and answer are read the same way."""

    task: ClassVar[str] = "wattbot"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["v4"] = Field(description="Both sides through the same normalisation.")
    locale: str = Field(
        AUTO,
        description="how numbers are written that could be read in two ways, such as 1,234: a "
        "locale such as en, de or fr_CH; auto: as the other true values of the dataset show",
    )
    tolerance: Tolerance = Field(Tolerance(), description="how far a number may be off")

    @field_validator("locale")
    @classmethod
    def _known(cls, name: str) -> str:
        if name != AUTO:
            style_of(name)
        return name

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        return NormalisedScorer("v4", self._style(material.questions), self.tolerance)

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return wattbot(self.kind)

    def ambiguous_truths(self, questions: Sequence[Question]) -> Iterator[tuple[Question, str]]:
        """True values with a number that may be read in two ways, and how it is read."""
        style = self._style(questions)
        for question in questions:
            for number in chain.from_iterable(map(numbers_in, _true_values(question))):
                if writing_of(number) is Writing.EITHER:
                    yield question, f"{number} is read as {read_number(number, style)}"

    def _style(self, questions: Sequence[Question]) -> NumberStyle:
        if self.locale != AUTO:
            return style_of(self.locale)
        return decimal_mark(value for question in questions for value in _true_values(question))


class WattBotScorerOptions(ScorerOptions):
    """The published rules of the WattBot challenge."""

    task: ClassVar[str] = "wattbot"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["v1", "v2", "v3", "validator"] = Field(description="The version of the rules.")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        return VERSIONS[self.kind]

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return wattbot(self.kind)
