"""What every scorer is: how one answer is marked, and how marks are summed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from modellab.records import Metric, Prediction, Question, RowScore


class Scorer(Protocol):
    """One named version of a task's rules."""

    @property
    def name(self) -> str: ...

    @property
    def marks(self) -> tuple[str, ...]:
        """Names of a row's marks, in order."""
        ...

    @property
    def components(self) -> tuple[str, ...]:
        """Names of a summary's metrics, in order; the last is the overall score."""
        ...

    @property
    def correct(self) -> str:
        """The mark that says whether an answer is right (1.0) or wrong."""
        ...

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        """Mark one prediction."""
        ...

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The components over all rows given (at least one), each with its count."""
        ...
