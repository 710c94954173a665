"""The base of all scorers: marks of single answers, components over all, further metrics.

A mean is a sum of marks over a count, an F1 a ratio of counts: for any sample of questions, they
follow from the sums of its rows (`Additive`). A component that does not (corpus BLEU) has no
interval.

`scorer: {kind: texts, metrics: [includes]}` adds a metric: a score of each row and, as its mean, a
component with interval and comparisons. Installed packages add metrics by entry points of the group
`modellab.metrics`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.core.options import Options
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.registry import Family, kinds
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.tasks.protocol import TaskOptions

if TYPE_CHECKING:
    import pandas as pd

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    #: sums or components; the last axis holds the parts
    Array = NDArray[np.float64]

#: smaller differences are rounding errors of sums
ROUNDING = 1e-12


@dataclass(frozen=True)
class Term:
    """`weight` times the mean of a mark: the sum of part `above` over the sum of part `below`.

    `below` counts the rows that have the mark, whose range is `low` to `high`. Without such a row
    the mean is `empty` (None: not a number).
    """

    weight: float
    above: int
    below: int
    low: float = 0.0
    high: float = 1.0
    empty: float | None = None


@dataclass(frozen=True)
class Additive:
    """How a scorer's components are computed from sums.

    `parts` gives the summands (rows, parts) of score rows, whose categorical `question_id` has the
    codes of the questions. `means` are the components that are weighted sums of means of marks, by
    their terms. `others` turns sums of shape (..., parts) into arrays of shape (...) for all other
    components, with NaN if no row has them. `row_mark` is the mark by which two systems win, tie
    or lose a question.
    """

    parts: Callable[[Sequence[Question], pd.DataFrame], Array]
    means: Mapping[str, Sequence[Term]]
    row_mark: str
    others: Callable[[Array], Mapping[str, Array]] = field(default=lambda _: {})

    def combine(self, sums: Array) -> dict[str, Array]:
        """All components of sums of shape (..., parts), each of shape (...)."""
        found = {name: _weighted(sums, terms) for name, terms in self.means.items()}
        return {**found, **self.others(sums)}


def mean_of(above: int, below: int, low: float = 0.0, high: float = 1.0) -> tuple[Term, ...]:
    """A component that is one mean."""
    return (Term(1.0, above, below, low, high),)


def means(
    marks: Mapping[str, str], row_mark: str, least: Mapping[str, float] | None = None
) -> Additive:
    """Components that are means of marks, each over the rows that have the mark.

    Args:
        marks: by component its mark.
        row_mark: the mark by which two systems win, tie or lose a question.
        least: by mark its least value if that is not 0; the greatest value is 1.
    """
    needed = sorted(set(marks.values()))
    place = {mark: 2 * index for index, mark in enumerate(needed)}

    def parts(_: Sequence[Question], rows: pd.DataFrame) -> Array:
        import numpy as np

        found = rows[needed].to_numpy(dtype=float)
        known = ~np.isnan(found)
        both = np.stack([np.where(known, found, 0.0), known.astype(float)], axis=2)
        return both.reshape(len(rows), -1)

    return Additive(
        parts,
        {
            component: mean_of(place[mark], place[mark] + 1, (least or {}).get(mark, 0.0))
            for component, mark in marks.items()
        },
        row_mark,
    )


def ratio(above: Array, below: Array) -> Array:
    """Quotients; NaN for a zero denominator."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Array = np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
    return quotient


def by_cluster(values: Array, clusters: NDArray[np.int_]) -> Array:
    """(systems, questions) to (systems, clusters): sums."""
    import numpy as np

    names, place = np.unique(clusters, return_inverse=True)
    found = np.zeros((len(values), len(names)))
    np.add.at(found.T, place, values.T)
    return found


def _weighted(sums: Array, terms: Sequence[Term]) -> Array:
    import numpy as np

    whole: Array = np.zeros(sums.shape[:-1])
    for term in terms:
        mean = ratio(sums[..., term.above], sums[..., term.below])
        if term.empty is not None:
            mean = np.where(sums[..., term.below] > 0, mean, term.empty)
        whole = whole + term.weight * mean
    return whole


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

    def ambiguous_truths(self, questions: Sequence[Question]) -> Iterator[tuple[Question, str]]:
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


@dataclass(frozen=True)
class AnswerMetric:
    """One metric of single answers.

    Attributes:
        description: its name, formula, range and direction.
        score: the score of one answer, from `low` to `high`; None if the metric does not apply to
            the question. It is not called for rows without an answer (failed, unparsed, missing):
            those have the worst score, or none if no direction is better.
        low: the least score.
        high: the greatest score.
    """

    description: MetricDescription
    score: Callable[[Question, Prediction], float | None]
    low: float = 0.0
    high: float = 1.0

    @property
    def name(self) -> str:
        return self.description.name

    def of(self, question: Question, prediction: Prediction) -> float | None:
        """The score of a row. Raises ValueError if it is outside the range."""
        if prediction.status in NO_ANSWER:
            worst = {Better.HIGHER: self.low, Better.LOWER: self.high}
            return worst.get(self.description.better)
        found = self.score(question, prediction)
        if found is not None and not self.low <= found <= self.high:
            raise ValueError(
                f"metric {self.name!r}: {found} for question {question.id!r} is outside "
                f"{self.low:g} to {self.high:g}"
            )
        return found


METRICS: Family[AnswerMetric] = Family(
    "metric",
    "modellab.metrics",
    AnswerMetric,
    {"includes": "modellab.tasks.open_qa.overlap:INCLUDES"},
)


def make_scorer(options: ScorerOptions, task: TaskOptions, material: Material) -> Scorer:
    """The scorer with these options and the metrics that they add. Raises InputError."""
    scorer = options.make(task, material)
    added = [METRICS.load(name) for name in options.metrics]
    taken = {*scorer.marks, *scorer.components}
    duplicate = next((metric.name for metric in added if metric.name in taken), None)
    if duplicate is not None:
        raise InputError(f"scorer {options.kind!r} already has a metric {duplicate!r}")
    return _WithMetrics(scorer, tuple(added)) if added else scorer


def additive_of(
    options: ScorerOptions, task: TaskOptions, columns: Mapping[str, object]
) -> Additive:
    """How a scorer's components follow from sums; `columns` are those of a row of scores."""
    own = options.additive(task, columns)
    added = [METRICS.load(name) for name in options.metrics if name in columns]

    def parts(questions: Sequence[Question], rows: pd.DataFrame) -> Array:
        import numpy as np

        return np.concatenate([own.parts(questions, rows), sums.parts(questions, rows)], axis=1)

    sums = means({metric.name: metric.name for metric in added}, own.row_mark)
    # counted from the end, because the number of the scorer's own parts is not known
    shift = -2 * len(added)
    moved = {
        metric.name: mean_of(term.above + shift, term.below + shift, metric.low, metric.high)
        for metric in added
        for term in sums.means[metric.name]
    }
    return replace(own, parts=parts, means={**own.means, **moved}) if added else own


@dataclass(frozen=True)
class _WithMetrics:
    """A scorer with further scores of rows, and their means."""

    scorer: Scorer
    added: tuple[AnswerMetric, ...]

    @property
    def name(self) -> str:
        return self.scorer.name

    @property
    def correct(self) -> str | None:
        return self.scorer.correct

    @property
    def marks(self) -> tuple[str, ...]:
        return (*self.scorer.marks, *(metric.name for metric in self.added))

    @property
    def components(self) -> tuple[str, ...]:
        """The overall score stays the last."""
        *own, overall = self.scorer.components
        return (*own, *(metric.name for metric in self.added), overall)

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        row = self.scorer.score(question, prediction)
        added = {metric.name: metric.of(question, prediction) for metric in self.added}
        return replace(row, marks={**row.marks, **added})

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        found = self.scorer.summarize(questions, rows)
        found |= {metric.name: mean_metric(rows, metric.name) for metric in self.added}
        return {name: found[name] for name in self.components}
