"""Further metrics of single answers, in any task.

`scorer: {kind: texts, metrics: [includes]}` adds them: each is a score of a row and, as its mean,
a component with interval and comparisons. Installed packages add metrics by entry points of the
group `modellab.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.metric import Better, MetricDescription
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.registry import Family
from modellab.tasks.additive import Additive, mean_of, means
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions, mean_metric

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.additive import Array


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
