"""The components of the WattBot rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from modellab.records import Question
from modellab.scorers.wattbot.marking import NA_WEIGHT, REFERENCE_WEIGHT, VALUE_WEIGHT
from modellab.statistics.additive import Additive, Row, number, ratio
from modellab.wattbot_blank import is_blank

if TYPE_CHECKING:
    from modellab.statistics.additive import Array

#: under these rules the not-answerable mark is averaged over all rows
_OVER_ALL = "validator"
SHARES = frozenset({"value_accuracy", "ref_overlap", "na_recall"})


def wattbot(scorer: str) -> Additive:
    """Of one version of the rules."""

    def parts(question: Question, row: Row) -> Sequence[float]:
        asked = scorer == _OVER_ALL or is_blank(question.truth["answer_value"])
        value, reference, na = (
            number(row[mark]) or 0.0 for mark in ("value_correct", "ref_score", "na_correct")
        )
        return (1.0, value, reference, na * asked, float(asked))

    return Additive(parts, _combined, SHARES, "weighted", "value_correct")


def _combined(sums: Array) -> Mapping[str, Array]:
    """Without a row that the not-answerable mark is about, it counts as 1 overall, as published."""
    import numpy as np

    rows, unanswerable = sums[..., 0], sums[..., 4]
    value, reference = ratio(sums[..., 1], rows), ratio(sums[..., 2], rows)
    na = ratio(sums[..., 3], unanswerable)
    counted = np.where(unanswerable > 0, na, 1.0)
    overall = VALUE_WEIGHT * value + REFERENCE_WEIGHT * reference + NA_WEIGHT * counted
    return {
        "value_accuracy": value,
        "ref_overlap": reference,
        "na_recall": na,
        "overall": overall,
    }
