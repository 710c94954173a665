"""Options of the WattBot scorers: which version of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from modellab.core.metric import MetricFamily
from modellab.core.records import Question
from modellab.core.values.comparing import Tolerance
from modellab.core.values.digits import (
    NumberStyle,
    Writing,
    decimal_mark,
    numbers_in,
    read_number,
    style_of,
    writing_of,
)
from modellab.tasks.additive import Additive
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions
from modellab.tasks.wattbot.metrics import FAMILY
from modellab.tasks.wattbot.scoring.resampling import wattbot
from modellab.tasks.wattbot.scoring.v4 import NormalisedScorer, true_values
from modellab.tasks.wattbot.scoring.validator import ValidatorScorer
from modellab.tasks.wattbot.scoring.versions import VersionedScorer

VERSIONS: Mapping[str, Scorer] = {
    "v1": VersionedScorer("v1", numbers=False, booleans=False),
    "v2": VersionedScorer("v2", numbers=True, booleans=False),
    "v3": VersionedScorer("v3", numbers=True, booleans=True),
    "validator": ValidatorScorer(),
}
AUTO = "auto"


class WattBotScorerOptions(ScorerOptions):
    """The published rules of the WattBot challenge."""

    task: ClassVar[str] = "wattbot"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["v1", "v2", "v3", "validator"] = Field(description="The version of the rules.")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        return VERSIONS[self.kind]

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return wattbot(self.kind)


class NormalisedScorerOptions(ScorerOptions):
    """The newest rules: truth and answer are read in the same way."""

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
        return NormalisedScorer(self._style(material.questions), self.tolerance)

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return wattbot(self.kind)

    def doubts(self, questions: Sequence[Question]) -> Iterator[tuple[Question, str]]:
        """True values with a number that may be read in two ways, and how it is read."""
        style = self._style(questions)
        for question in questions:
            for number in chain.from_iterable(map(numbers_in, true_values(question))):
                if writing_of(number) is Writing.EITHER:
                    yield question, f"{number} is read as {read_number(number, style)}"

    def _style(self, questions: Sequence[Question]) -> NumberStyle:
        if self.locale != AUTO:
            return style_of(self.locale)
        return decimal_mark(value for question in questions for value in true_values(question))
