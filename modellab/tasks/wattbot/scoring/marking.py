"""What all versions of the WattBot rules share: names, weights, and rows without an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from modellab.core.records import NO_ANSWER, Metric, Prediction, RowScore

MARKS = ("value_correct", "unit_correct", "ref_score", "na_correct", "weighted")
COMPONENTS = ("value_accuracy", "ref_overlap", "na_recall", "overall")
VALUE_WEIGHT, REFERENCE_WEIGHT, NA_WEIGHT = 0.75, 0.15, 0.10


def marked(
    prediction: Prediction, value: float, unit: float | None, reference: float, na: float
) -> RowScore:
    """A row with its marks, each from 0 to 1; the unit's weighs nothing."""
    marks = (value, unit, reference, na, weighted(value, reference, na))
    return RowScore(
        question_id=prediction.question_id,
        retriever=prediction.retriever,
        repeat=prediction.repeat,
        status=prediction.status,
        answer=prediction.answer,
        marks=dict(zip(MARKS, marks, strict=True)),
    )


def unanswered(prediction: Prediction) -> RowScore:
    """A row that has no answer: zero in every mark, under every version of the rules."""
    return marked(prediction, 0.0, 0.0, 0.0, 0.0)


def weighted(value: float, reference: float, na: float) -> float:
    """0.75 value + 0.15 references + 0.10 not-answerable."""
    return VALUE_WEIGHT * value + REFERENCE_WEIGHT * reference + NA_WEIGHT * na


def summed_up(rows: Sequence[RowScore], na_rows: Sequence[RowScore]) -> dict[str, Metric]:
    """The components; `na_rows` are those that the not-answerable component is averaged over.

    Without such rows that component is 1.0, from 0 rows, as the published rules have it. Raises
    ZeroDivisionError without rows.
    """
    value = mean(rows, "value_correct")
    reference = mean(rows, "ref_score")
    na = mean(na_rows, "na_correct") if na_rows else 1.0
    numbers = (value, reference, na, weighted(value, reference, na))
    counted = (rows, rows, na_rows, rows)
    return {
        name: Metric(number, len(over), sum(row.status in NO_ANSWER for row in over))
        for name, number, over in zip(COMPONENTS, numbers, counted, strict=True)
    }


def mean(rows: Sequence[RowScore], mark: str) -> float:
    """The mean of a mark that every row has; the same whatever the order of the rows."""
    marks = [row.marks[mark] for row in rows]
    return math.fsum(number for number in marks if number is not None) / len(marks)


def cell(answer: Mapping[str, str], name: str) -> str:
    """A field of an answer; one that the answer lacks is empty."""
    return answer.get(name, "")
