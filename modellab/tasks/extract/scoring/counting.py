"""Counts of fields, and the measures made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from modellab.tasks.extract.scoring.comparing import FieldOutcome, Outcome


@dataclass(frozen=True)
class Tally:
    """How many fields were right, wrong, missing and invented.

    Precision is correct / predicted, recall correct / wanted, F1 their harmonic mean
    2 correct / (wanted + predicted); a wrong field counts against both. Each is from 0 to 1, and
    None where its denominator is 0.
    """

    correct: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0

    @property
    def wanted(self) -> int:
        return self.correct + self.wrong + self.missing

    @property
    def predicted(self) -> int:
        return self.correct + self.wrong + self.invented

    @property
    def precision(self) -> float | None:
        return share(self.correct, self.predicted)

    @property
    def recall(self) -> float | None:
        return share(self.correct, self.wanted)

    @property
    def f1(self) -> float | None:
        return share(2 * self.correct, self.wanted + self.predicted)

    @property
    def accuracy(self) -> float | None:
        """The share that is right of the fields that both records have."""
        return share(self.correct, self.correct + self.wrong)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.correct + other.correct,
            self.wrong + other.wrong,
            self.missing + other.missing,
            self.invented + other.invented,
        )


def tally(fields: Iterable[FieldOutcome]) -> Tally:
    """Count outcomes."""
    counts = Counter(field.outcome for field in fields)
    return Tally(
        correct=counts[Outcome.CORRECT],
        wrong=counts[Outcome.WRONG],
        missing=counts[Outcome.MISSING],
        invented=counts[Outcome.INVENTED],
    )


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
