"""The components of the WattBot rules."""

from __future__ import annotations

from collections.abc import Sequence

from modellab.core.records import Question
from modellab.core.text.blank import is_blank
from modellab.tasks.additive import Additive, Row, Term, mean_of, number
from modellab.tasks.wattbot.scoring.marking import NA_WEIGHT, REFERENCE_WEIGHT, VALUE_WEIGHT

#: under these rules the not-answerable mark is averaged over all rows
_OVER_ALL = "validator"
#: places in the sums of a row
_ROWS, _VALUE, _REFERENCE, _NA, _UNANSWERABLE = range(5)


def wattbot(scorer: str) -> Additive:
    """Of one version of the rules. Without an unanswerable row, na counts as 1 in the overall."""

    def parts(question: Question, row: Row) -> Sequence[float]:
        asked = scorer == _OVER_ALL or is_blank(question.truth["answer_value"])
        value, reference, na = (
            number(row[mark]) or 0.0 for mark in ("value_correct", "ref_score", "na_correct")
        )
        return (1.0, value, reference, na * asked, float(asked))

    return Additive(
        parts,
        {
            "value_accuracy": mean_of(_VALUE, _ROWS),
            "ref_overlap": mean_of(_REFERENCE, _ROWS),
            "na_recall": mean_of(_NA, _UNANSWERABLE),
            "overall": (
                Term(VALUE_WEIGHT, _VALUE, _ROWS),
                Term(REFERENCE_WEIGHT, _REFERENCE, _ROWS),
                Term(NA_WEIGHT, _NA, _UNANSWERABLE, empty=1.0),
            ),
        },
        row_mark="weighted",
    )
