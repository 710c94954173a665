"""Options of the scorer of labels."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from modellab.tasks.label.scoring.scorer import LabelScorer
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

Component = Literal["accuracy", "precision", "recall", "f1", "specificity"]


class LabelScorerOptions(ScorerOptions):
    """Labels beside the true labels."""

    task: ClassVar[str] = "label"

    kind: Literal["labels"] = Field(description="Right and wrong labels and tags.")
    overall: Component = Field("f1", description="the metric that is the overall score")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        if not isinstance(task, LabelOptions):
            raise TypeError(f"scorer {self.kind!r} cannot mark answers of task {task.kind!r}")
        return LabelScorer(task, self.overall)
