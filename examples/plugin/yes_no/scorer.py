"""How answers by yes or no are scored: right or wrong, and the share that is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.metric import Better, MetricDescription, MetricFamily
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore, Status
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Additive, Material, Scorer, ScorerOptions, marked_row, means
from yes_no.task import YesNoOptions

FAMILY = MetricFamily(
    name="yes_no",
    title="Yes or no",
    applies_to="`yes_no` answers",
    tables=("scores/{model}.csv", "scores/{model}.json", "leaderboard.csv"),
    metrics=(
        MetricDescription(
            "right",
            "1 if the choice is the true one, or there is none and the model abstains; else 0",
            "0 or 1",
            Better.HIGHER,
            "0 for failed, unparsed and missing rows",
        ),
        MetricDescription("overall", "share of rows with `right`", "0 to 1", Better.HIGHER),
    ),
)


class ChoiceScorerOptions(ScorerOptions):
    """Right and wrong choices."""

    task: ClassVar[str] = "yes_no"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["choices"] = Field(description="The share of right choices.")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        if not isinstance(task, YesNoOptions):
            raise InputError(f"scorer {self.kind!r} is for the task 'yes_no', not {task.kind!r}")
        return ChoiceScorer(task)

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return means({"overall": "right"}, row_mark="right")


class ChoiceScorer:
    """One score per row, and its mean."""

    name = "choices"
    marks: tuple[str, ...] = ("right",)
    components: tuple[str, ...] = ("overall",)
    correct: str | None = "right"

    def __init__(self, task: YesNoOptions) -> None:
        self._task = task

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        return marked_row(prediction, {"right": float(self._is_right(question, prediction))})

    def _is_right(self, question: Question, prediction: Prediction) -> bool:
        if prediction.status == Status.ANSWERED and not question.unanswerable:
            true = self._task.choice(question.reference["answer"])
            return prediction.answer["choice"] == true
        return question.unanswerable and prediction.status == Status.ABSTAINED

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        failed = sum(row.status in NO_ANSWER for row in rows)
        share = sum(row.marks["right"] or 0.0 for row in rows) / len(rows)
        return {"overall": Metric(share, len(rows), failed)}
