"""The base of all scorers: marks of single answers, and components over all answers."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from pydantic import Field

from modellab.core.metric import MetricFamily
from modellab.core.options import Options
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.registry import kinds
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.tasks.additive import Additive
from modellab.tasks.protocol import TaskOptions


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
    def correct(self) -> str | None:
        """The mark that says whether an answer is right (1.0) or wrong, if any."""
        ...

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        """Mark one prediction."""
        ...

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The components over all rows given (at least one), each with its count."""
        ...


@dataclass(frozen=True)
class Material:
    """What a scorer may use before it marks the first row, such as to embed many texts at once.

    `passages` are the texts of the corpus, if the dataset has one.
    """

    questions: Sequence[Question]
    predictions: Sequence[Prediction]
    passages: Sequence[str] = ()
    seed: int = 0


class ScorerOptions(Options):
    """One kind of `scorer:` in the config. Each is a subclass in the folder of its task."""

    #: the kind of task whose answers it scores
    task: ClassVar[str]
    #: the descriptions of its marks and components
    described: ClassVar[MetricFamily]
    #: those of further tables of the task
    tables: ClassVar[tuple[MetricFamily, ...]] = ()

    kind: str
    metrics: tuple[str, ...] = Field(
        (), description="further metrics of each answer, by name; installed packages add some"
    )

    @classmethod
    def default(cls) -> Self:
        """The default options, of the first `kind`."""
        return cls.model_validate({"kind": kinds(cls)[0]})

    @abstractmethod
    def make(self, task: TaskOptions, material: Material) -> Scorer:
        """The scorer with these options, without the further `metrics`.

        Raises:
            InputError: it cannot be made.
        """

    @abstractmethod
    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        """How its components come from sums over rows; `columns` are those of a row of scores.

        A component that is left out has neither interval nor comparison.
        """

    def doubts(self, questions: Sequence[Question]) -> Iterator[tuple[Question, str]]:
        """Ambiguous true answers, and how these rules read them."""
        yield from ()

    def without_embedder(self) -> Self:
        """The same rules without what needs an embedder."""
        return self

    def embedder_name(self) -> str | None:
        """The named entry of `embedders`, if any."""
        return None

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        """The same options with the embedder itself instead of its name."""
        raise TypeError(f"scorer {self.kind!r} has no embedder")

    def in_language(self, code: str) -> Self:
        """The same options for texts in a language (a code or `auto`)."""
        return self


def mean_metric(rows: Sequence[RowScore], mark: str) -> Metric:
    """The mean of a mark over the rows that have it; `n_failed` counts rows without an answer."""
    found = [value for row in rows if (value := row.marks[mark]) is not None]
    failed = sum(row.status in NO_ANSWER for row in rows)
    return Metric(math.fsum(found) / len(found) if found else None, len(found), failed)


def marked_row(prediction: Prediction, marks: Mapping[str, float | None]) -> RowScore:
    """A row of a prediction with these marks."""
    return RowScore(
        question_id=prediction.question_id,
        retriever=prediction.retriever,
        repeat=prediction.repeat,
        status=prediction.status,
        answer=prediction.answer,
        marks=marks,
    )
