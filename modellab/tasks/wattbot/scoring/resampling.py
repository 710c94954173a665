"""The components of the WattBot rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modellab.core.records import Question
from modellab.core.text.blank import is_blank
from modellab.tasks.additive import Additive, Term, mean_of
from modellab.tasks.wattbot.scoring.marking import NA_WEIGHT, REFERENCE_WEIGHT, VALUE_WEIGHT

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.additive import Array

#: under these rules the not-answerable mark is averaged over all rows
_OVER_ALL = "validator"
#: places in the sums of a row
_ROWS, _VALUE, _REFERENCE, _NA, _UNANSWERABLE = range(5)


def wattbot(scorer: str) -> Additive:
    """Of one version of the rules. Without an unanswerable row, na counts as 1 in the overall."""

    def parts(questions: Sequence[Question], rows: pd.DataFrame) -> Array:
        import numpy as np

        blank = np.array([is_blank(question.truth["answer_value"]) for question in questions])
        if scorer == _OVER_ALL:
            blank[:] = True
        asked = blank[rows["question_id"].cat.codes].astype(float)
        value, reference, na = (
            rows[name].fillna(0.0).to_numpy()
            for name in ("value_correct", "ref_score", "na_correct")
        )
        return np.stack([np.ones(len(rows)), value, reference, na * asked, asked], axis=1)

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
