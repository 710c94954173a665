"""The marks of one extracted record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modellab.core.records import NO_ANSWER, Prediction, Question
from modellab.tasks.extract.record_schema import RecordSchema
from modellab.tasks.extract.scoring.comparing import FieldOutcome, compare
from modellab.tasks.extract.scoring.counting import share, tally
from modellab.tasks.extract.scoring.records import RecordRules

MARKS = (
    *("name_precision", "name_recall", "name_f1"),
    *("value_precision", "value_recall", "value_f1", "value_accuracy"),
    *("missing_share", "invented_share", "wrong_typed_share"),
    *("schema_valid", "exact", "field_f1"),
)


@dataclass(frozen=True)
class Comparison:
    """One prediction held against its wanted record.

    `answered` is False where there is no record to compare (unparsed, failed, missing): the
    fields are then all missing. `wrong_types` are the paths of values of a wrong type.
    """

    answered: bool
    fields: Sequence[FieldOutcome]
    wrong_types: Sequence[str]
    schema_valid: bool


def compared(
    question: Question, prediction: Prediction, rules: RecordRules, schema: RecordSchema
) -> Comparison:
    """Compare an answer, or nothing where there is none, with the wanted record."""
    wanted = json.loads(question.truth["record"])
    answered = prediction.status not in NO_ANSWER
    predicted: Any = json.loads(prediction.answer["record"]) if answered else {}
    return Comparison(
        answered=answered,
        fields=compare(wanted, predicted, rules),
        wrong_types=schema.wrong_types(predicted) if answered else (),
        schema_valid=answered and schema.is_valid(predicted),
    )


def marks(comparison: Comparison) -> dict[str, float | None]:
    """All marks by name, each from 0 to 1; None where a mark does not apply.

    Precision is None where an answer gives nothing, recall where nothing is wanted. A row
    without an answer has precision 0 as well, so that silence by accident never helps.
    """
    names = tally(field for field in comparison.fields if field.is_name)
    values = tally(field for field in comparison.fields if not field.is_name)
    every = names + values
    nothing = 0.0 if not comparison.answered else None
    wrong_types = min(len(comparison.wrong_types), every.predicted)
    return {
        "name_precision": _or(names.precision, nothing if names.wanted else None),
        "name_recall": names.recall,
        "name_f1": names.f1,
        "value_precision": _or(values.precision, nothing),
        "value_recall": values.recall,
        "value_f1": values.f1,
        "value_accuracy": _or(values.accuracy, nothing),
        "missing_share": share(every.missing, every.wanted),
        "invented_share": share(every.invented, every.predicted),
        "wrong_typed_share": share(wrong_types, every.predicted),
        "schema_valid": float(comparison.schema_valid),
        "exact": float(comparison.answered and every.correct == every.wanted == every.predicted),
        "field_f1": _or(every.f1, float(comparison.answered)),
    }


def _or(value: float | None, otherwise: float | None) -> float | None:
    return otherwise if value is None else value
