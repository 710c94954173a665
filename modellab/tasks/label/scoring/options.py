"""Options of the scorer of labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.metric import MetricFamily
from modellab.tasks.additive import Additive
from modellab.tasks.label.metrics import AGREEMENT, FAMILY
from modellab.tasks.label.scoring.resampling import labels
from modellab.tasks.label.scoring.scorer import LabelScorer
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

Component = Literal["accuracy", "precision", "recall", "f1", "specificity"]


class LabelScorerOptions(ScorerOptions):
    """Labels compared with the true labels."""

    task: ClassVar[str] = "label"
    described: ClassVar[MetricFamily] = FAMILY
    tables: ClassVar[tuple[MetricFamily, ...]] = (AGREEMENT,)

    kind: Literal["labels"] = Field(description="Right and wrong labels and tags.")
    overall: Component = Field("f1", description="the metric that is the overall score")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        return LabelScorer(_of_labels(task), self.overall)

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return labels(_of_labels(task), self.overall)


def _of_labels(task: TaskOptions) -> LabelOptions:
    if not isinstance(task, LabelOptions):
        raise TypeError(f"the scorer 'labels' cannot score answers of task {task.kind!r}")
    return task
