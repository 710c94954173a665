"""What all versions of the WattBot rules share: names, weights, sums, and true references."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore
from modellab.core.text.blank import is_blank
from modellab.core.values.ids import read_ids
from modellab.tasks.scorer import Additive, Term, marked_row, mean_of
from modellab.tasks.wattbot.task import ref_id_cell

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.scorer import Array

COMPONENTS = ("value_accuracy", "ref_overlap", "na_recall", "overall")
VALUE_WEIGHT, REFERENCE_WEIGHT, NA_WEIGHT = 0.75, 0.15, 0.10


class Marks(NamedTuple):
    """The marks of a row, each from 0 to 1. `unit_correct` has no weight, and may be None."""

    value_correct: float
    unit_correct: float | None
    ref_score: float
    na_correct: float


@dataclass(frozen=True)
class WattBotScorer:
    """One version of the rules. A row without an answer has 0 in every mark."""

    name: str
    marks = (*Marks._fields, "weighted")
    components = COMPONENTS
    correct = "value_correct"

    @abstractmethod
    def compare(self, question: Question, prediction: Prediction) -> Marks:
        """The marks of an answer or abstention."""

    def asks_abstention(self, question: Question) -> bool:
        """Whether the not-answerable component is averaged over this question."""
        return question.unanswerable

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        found = Marks(0.0, 0.0, 0.0, 0.0)
        if prediction.status not in NO_ANSWER:
            found = self.compare(question, prediction)
        total = weighted(found.value_correct, found.ref_score, found.na_correct)
        return marked_row(prediction, {**found._asdict(), "weighted": total})

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The components. Raises ZeroDivisionError without rows.

        Without rows for the not-answerable component it is 1.0, from 0 rows, as in the published
        rules.
        """
        na_rows = [row for row in rows if self.asks_abstention(questions[row.question_id])]
        value, reference = _mean(rows, "value_correct"), _mean(rows, "ref_score")
        na = _mean(na_rows, "na_correct") if na_rows else 1.0
        numbers = (value, reference, na, weighted(value, reference, na))
        counted = (rows, rows, na_rows, rows)
        return {
            name: Metric(number, len(over), sum(row.status in NO_ANSWER for row in over))
            for name, number, over in zip(COMPONENTS, numbers, counted, strict=True)
        }


def weighted(value: float, reference: float, na: float) -> float:
    """0.75 value + 0.15 references + 0.10 not-answerable."""
    return VALUE_WEIGHT * value + REFERENCE_WEIGHT * reference + NA_WEIGHT * na


def jaccard(one: set[str], other: set[str]) -> float:
    """Shared over all elements; 1.0 when both are empty."""
    return len(one & other) / len(one | other) if one | other else 1.0


def _mean(rows: Sequence[RowScore], mark: str) -> float:
    """The mean of a mark that every row has, whatever the order of the rows."""
    return math.fsum(row.marks[mark] or 0.0 for row in rows) / len(rows)


def truth_as_cited(question: Question, prediction: Prediction) -> Question:
    """The question with its true references under the names that an answer cites.

    Models see the ids of the corpus; a submission may use the names in the file of questions: a
    path, or a duplicate that the corpus left out. Either is the same document.
    """
    cited = {name.lower() for name in read_ids(prediction.answer.get("ref_id", ""))}
    names = {
        known: name
        for name, known in question.aliases.items()
        if name.lower() in cited and known.lower() not in cited
    }
    if "ref_id" not in question.reference or not names.keys() & set(question.references):
        return question
    spelled = [names.get(name, name) for name in question.references]
    return replace(question, reference={**question.reference, "ref_id": ref_id_cell(spelled)})


#: these rules average the not-answerable mark over all rows
_OVER_ALL = "validator"
#: positions in the sums of a row
_ROWS, _VALUE, _REFERENCE, _NA, _UNANSWERABLE = range(5)


def wattbot(scorer: str) -> Additive:
    """The components of one version of the rules, from sums over rows.

    Without an unanswerable row the not-answerable component counts as 1 in the overall score.
    """

    def parts(questions: Sequence[Question], rows: pd.DataFrame) -> Array:
        import numpy as np

        blank = np.array([is_blank(question.reference["answer_value"]) for question in questions])
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
