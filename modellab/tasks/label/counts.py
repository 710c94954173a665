"""Counts of right and wrong choices, and the shares made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from typing import Any, NamedTuple

from modellab.core.records import Metric


class Pair(NamedTuple):
    """A true label, and the one that was given; None if no label could be read."""

    true: str
    given: str | None


@dataclass(frozen=True)
class Counts:
    """The confusion of one label (or tag) over all rows: numbers, or arrays of one shape.

    `unread_positives` and `unread_negatives` are rows without a readable label. They are a choice
    neither of the label nor against it: recall, specificity and accuracy count them as wrong,
    precision ignores them.
    """

    tp: Any = 0
    fp: Any = 0
    fn: Any = 0
    tn: Any = 0
    unread_positives: Any = 0
    unread_negatives: Any = 0

    @property
    def support(self) -> Any:
        """The number of rows that truly have the label."""
        return self.tp + self.fn + self.unread_positives

    @property
    def negatives(self) -> Any:
        return self.tn + self.fp + self.unread_negatives

    @property
    def unread(self) -> Any:
        return self.unread_positives + self.unread_negatives

    @property
    def touched(self) -> Any:
        """The number of rows that have the label in truth or in the answer."""
        return self.fp + self.support

    def shares(self) -> dict[str, tuple[Any, Any]]:
        """Numerator and denominator by metric. F1 is 0 if the label is never chosen rightly."""
        return {
            "accuracy": (self.tp + self.tn, self.support + self.negatives),
            "precision": (self.tp, self.tp + self.fp),
            "recall": (self.tp, self.support),
            "f1": (2 * self.tp, self.tp + self.touched),
            "specificity": (self.tn, self.negatives),
        }

    def metric(self, name: str) -> Metric:
        """A share with its count; None if its denominator is 0."""
        part, whole = self.shares()[name]
        failed = {
            "accuracy": self.unread,
            "precision": 0,
            "specificity": self.unread_negatives,
        }.get(name, self.unread_positives)
        scored = self.touched if name == "f1" else whole
        return Metric(part / whole if whole else None, scored, failed)


def tag_counts(tag: str, rows: Iterable[tuple[Collection[str], Collection[str] | None]]) -> Counts:
    """One tag: rows of the true tags and the given ones; None if none could be read."""
    found = dict.fromkeys(Counts.__dataclass_fields__, 0)
    for true, given in rows:
        if given is None:
            cell = "unread_positives" if tag in true else "unread_negatives"
        elif tag in given:
            cell = "tp" if tag in true else "fp"
        else:
            cell = "fn" if tag in true else "tn"
        found[cell] += 1
    return Counts(**found)


def label_counts(label: str, pairs: Iterable[Pair]) -> Counts:
    """One label against all others."""
    rows = (((true,), None if given is None else (given,)) for true, given in pairs)
    return tag_counts(label, rows)


def summed(parts: Iterable[Counts]) -> Counts:
    """The counts of several labels or tags together (for micro averages)."""
    columns = zip(*(astuple(part) for part in (Counts(), *parts)), strict=True)
    return Counts(*map(sum, columns))


def macro_average(name: str, labels: Iterable[Counts]) -> float | None:
    """The mean of a share over all labels that a row has in truth or in the answer.

    A share without rows (the precision of a label that is never given) is 0, as in scikit-learn;
    None if no row has any label.
    """
    values = [counts.metric(name).value or 0.0 for counts in labels if counts.touched]
    return sum(values) / len(values) if values else None
