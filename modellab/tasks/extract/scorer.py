"""The scorer `fields`: records marked field by field, and means over records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.metric import MetricFamily, metric_families
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.tasks.extract.comparing import FieldOutcome, FieldStatus, RecordRules, compare
from modellab.tasks.extract.records import RecordSchema
from modellab.tasks.extract.task import ExtractOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Additive, Material, ScorerOptions, marked_row, mean_metric, means

FAMILY, TABLE = metric_families("""
# extract: Extraction
on `extract` documents, with the scorer `fields` (see extract.md)
in scores/{model}.json scores/{model}.csv leaderboard.csv
name_precision | found names / given names of items | 0 to 1 | higher | left out if an answered record gives none; mean over records; failed, unparsed and missing rows count 0 | lab-extractor field_level_metrics, without its collapse of equal names
name_recall | found names / wanted names of items | 0 to 1 | higher | left out if none is wanted; mean over records; failed, unparsed and missing rows count 0 | lab-extractor field_level_metrics, without its collapse of equal names
name_f1 | 2 found / (wanted + given) | 0 to 1 | higher | left out if there is none | lab-extractor field_level_metrics, without its collapse of equal names
value_precision | right values / given values | 0 to 1 | higher | left out if an answered record gives none; mean over records; failed, unparsed and missing rows count 0
value_recall | right values / wanted values | 0 to 1 | higher | left out if none is wanted; mean over records; failed, unparsed and missing rows count 0
value_f1 | 2 right / (wanted + given) | 0 to 1 | higher | left out if there is none
value_accuracy | right values / values that both records have | 0 to 1 | higher | left out if there is none; mean over records; failed, unparsed and missing rows count 0 | lab-extractor value_accuracy, with comparators and units
missing_share | wanted fields that the answer lacks / wanted fields | 0 to 1 | lower | 1 for rows without an answer; left out if nothing is wanted
invented_share | given fields without a wanted one / given fields | 0 to 1 | lower | left out if nothing is given
wrong_typed_share | values of a JSON type that the schema does not allow / given fields | 0 to 1 | lower | such a value may still be right; left out if nothing is given
schema_valid | share of records that fit the JSON schema | 0 to 1 | higher | rows without an answer count 0
exact_records | share of records with every field right and none invented | 0 to 1 | higher | rows without an answer count 0
exact | 1 if every field is right and none is invented | 0 or 1 | higher
field_f1 | 2 right / (wanted + given), names and values together | 0 to 1 | higher | 1 if nothing is wanted or given; 0 for rows without an answer
overall | mean of `field_f1` | 0 to 1 | higher | none without rows

# extract_fields: Extraction by group and field
on all records together (pooled counts, micro average), per model and retriever: for all fields, each group, each field by path, each item by name
in tables/extract_fields.csv
precision | correct / predicted | 0 to 1 | higher | empty if nothing is predicted
recall | correct / wanted | 0 to 1 | higher | empty if nothing is wanted
f1 | 2 correct / (wanted + predicted) | 0 to 1 | higher | empty if both are 0
accuracy | correct / (correct + wrong) | 0 to 1 | higher | empty if both are 0
wanted | fields of the wanted records | 0 or more | neither
predicted | fields of the answers | 0 or more | neither
correct | fields with the right value | 0 or more | higher
wrong | fields of both records with different values | 0 or more | lower
missing | fields of the wanted record only | 0 or more | lower
invented | fields of the answer only | 0 or more | lower
wrong_typed | values of a type that the schema does not allow | 0 or more | lower
""")  # noqa: E501 - a metric is a line


MARKS = (
    *("name_precision", "name_recall", "name_f1"),
    *("value_precision", "value_recall", "value_f1", "value_accuracy"),
    *("missing_share", "invented_share", "wrong_typed_share"),
    *("schema_valid", "exact", "field_f1"),
)


#: summary metrics with another name than their mark
RENAMED = {"exact": "exact_records", "field_f1": "overall"}


@dataclass(frozen=True)
class Tally:
    """Counts of fields that are right, wrong, missing and invented: numbers, or arrays.

    A wrong field counts against precision and recall.
    """

    correct: Any = 0
    wrong: Any = 0
    missing: Any = 0
    invented: Any = 0

    @property
    def wanted(self) -> Any:
        return self.correct + self.wrong + self.missing

    @property
    def predicted(self) -> Any:
        return self.correct + self.wrong + self.invented

    def shares(self) -> dict[str, tuple[Any, Any]]:
        """Numerator and denominator by metric; accuracy is of the fields that both records have."""
        return {
            "precision": (self.correct, self.predicted),
            "recall": (self.correct, self.wanted),
            "f1": (2 * self.correct, self.wanted + self.predicted),
            "accuracy": (self.correct, self.correct + self.wrong),
        }

    def share(self, name: str) -> float | None:
        """A share of numbers, from 0 to 1; None if its denominator is 0."""
        return share(*self.shares()[name])

    def __add__(self, other: Tally) -> Tally:
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Tally(*(one + two for one, two in pairs))


def tally(fields: Iterable[FieldOutcome]) -> Tally:
    """Count outcomes."""
    counts = Counter(field.outcome for field in fields)
    return Tally(**{outcome.value: counts[outcome] for outcome in FieldStatus})


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Comparison:
    """One prediction compared with its wanted record.

    `answered` is False without a record to compare (unparsed, failed, missing): all fields are then
    missing. `wrong_types` are the paths of values of a wrong type.
    """

    answered: bool
    fields: Sequence[FieldOutcome]
    wrong_types: Sequence[str]
    schema_valid: bool


def compared(
    question: Question, prediction: Prediction, rules: RecordRules, schema: RecordSchema
) -> Comparison:
    """Compare an answer (if any) with the wanted record."""
    wanted = json.loads(question.reference["record"])
    answered = prediction.status not in NO_ANSWER
    predicted: Any = json.loads(prediction.answer["record"]) if answered else {}
    return Comparison(
        answered=answered,
        fields=compare(wanted, predicted, rules),
        wrong_types=schema.wrong_types(predicted) if answered else (),
        schema_valid=answered and schema.problem(predicted) is None,
    )


def marks(comparison: Comparison) -> dict[str, float | None]:
    """All marks by name, each from 0 to 1; None if a mark does not apply.

    Precision is None if an answer gives nothing, recall if nothing is wanted. A row without an
    answer has precision 0, so that a failure never helps.
    """
    names = tally(field for field in comparison.fields if field.is_name)
    values = tally(field for field in comparison.fields if not field.is_name)
    every = names + values
    nothing = 0.0 if not comparison.answered else None
    wrong_types = min(len(comparison.wrong_types), every.predicted)
    return {
        "name_precision": _or(names.share("precision"), nothing if names.wanted else None),
        "name_recall": names.share("recall"),
        "name_f1": names.share("f1"),
        "value_precision": _or(values.share("precision"), nothing),
        "value_recall": values.share("recall"),
        "value_f1": values.share("f1"),
        "value_accuracy": _or(values.share("accuracy"), nothing),
        "missing_share": share(every.missing, every.wanted),
        "invented_share": share(every.invented, every.predicted),
        "wrong_typed_share": share(wrong_types, every.predicted),
        "schema_valid": float(comparison.schema_valid),
        "exact": float(comparison.answered and every.correct == every.wanted == every.predicted),
        "field_f1": _or(every.share("f1"), float(comparison.answered)),
    }


def _or(value: float | None, otherwise: float | None) -> float | None:
    return otherwise if value is None else value


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
        return {RENAMED.get(mark, mark): mean_metric(rows, mark) for mark in MARKS}
