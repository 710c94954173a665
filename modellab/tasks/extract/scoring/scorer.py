"""The scorer `fields`: records marked field by field, and means over records."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.metric import MetricFamily
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.tasks.additive import Additive, means
from modellab.tasks.extract.metrics import FAMILY, TABLE
from modellab.tasks.extract.record_schema import RecordSchema
from modellab.tasks.extract.scoring.marking import MARKS, Comparison, compared, marks
from modellab.tasks.extract.scoring.records import RecordRules
from modellab.tasks.extract.task import ExtractOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, ScorerOptions, marked_row

#: summary metrics with another name than their mark
RENAMED = {"exact": "exact_records", "field_f1": "overall"}


class FieldScorerOptions(RecordRules, ScorerOptions):
    """Records compared field by field."""

    task: ClassVar[str] = "extract"
    described: ClassVar[MetricFamily] = FAMILY
    tables: ClassVar[tuple[MetricFamily, ...]] = (TABLE,)

    kind: Literal["fields"] = Field(description="Names and values of extracted records.")

    def make(self, task: TaskOptions, material: Material) -> FieldScorer:
        if not isinstance(task, ExtractOptions):
            raise InputError(f"scorer {self.kind!r} is for the task 'extract', not {task.kind!r}")
        return FieldScorer(self, task.record_schema())

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return means(
            {RENAMED.get(mark, mark): mark for mark in MARKS if mark in columns}, "field_f1"
        )


class FieldScorer:
    """Marks records; the overall score is the mean F1 of all fields, names and values."""

    name = "fields"
    marks = MARKS
    components = tuple(RENAMED.get(mark, mark) for mark in MARKS)
    correct = "exact"

    def __init__(self, rules: RecordRules, schema: RecordSchema) -> None:
        self._rules = rules
        self._schema = schema

    def compare(self, question: Question, prediction: Prediction) -> Comparison:
        """The outcome of every field."""
        return compared(question, prediction, self._rules, self._schema)

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        return marked_row(prediction, marks(self.compare(question, prediction)))

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The mean of each mark over the records that it applies to."""
        failed = sum(row.status in NO_ANSWER for row in rows)
        return {RENAMED.get(mark, mark): _mean(rows, mark, failed) for mark in MARKS}


def _mean(rows: Sequence[RowScore], mark: str, failed: int) -> Metric:
    found = [value for row in rows if (value := row.marks[mark]) is not None]
    return Metric(math.fsum(found) / len(found) if found else None, len(found), failed)
