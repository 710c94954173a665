"""Counts of right and wrong choices, and the shares made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from modellab.core.records import Metric


class Pair(NamedTuple):
    """A true label, and the one that was given; None where no label could be read."""

    true: str
    given: str | None


@dataclass(frozen=True)
class Counts:
    """What became of one label (or tag) over all rows.

    `unread_positives` and `unread_negatives` are rows without a readable label. They are no
    choice of the label and no choice against it: recall, specificity and accuracy count them as
    wrong, precision does not know them.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    unread_positives: int = 0
    unread_negatives: int = 0

    @property
    def support(self) -> int:
        """How many rows truly have the label."""
        return self.tp + self.fn + self.unread_positives

    @property
    def negatives(self) -> int:
        return self.tn + self.fp + self.unread_negatives

    @property
    def unread(self) -> int:
        return self.unread_positives + self.unread_negatives

    @property
    def touched(self) -> int:
        """How many rows have the label in truth or in the answer."""
        return self.fp + self.support

    @property
    def accuracy(self) -> Metric:
        return _share(self.tp + self.tn, self.support + self.negatives, self.unread)

    @property
    def precision(self) -> Metric:
        return _share(self.tp, self.tp + self.fp, 0)

    @property
    def recall(self) -> Metric:
        return _share(self.tp, self.support, self.unread_positives)

    @property
    def specificity(self) -> Metric:
        return _share(self.tn, self.negatives, self.unread_negatives)

    @property
    def f1(self) -> Metric:
        """2 tp / (2 tp + fp + fn): 0 where the label is never chosen rightly."""
        value = 2 * self.tp / (self.tp + self.touched) if self.touched else None
        return Metric(value, self.touched, self.unread_positives)


def label_counts(label: str, pairs: Iterable[Pair]) -> Counts:
    """One label against all others."""
    found = dict.fromkeys(Counts.__dataclass_fields__, 0)
    for pair in pairs:
        found[_cell(pair.true == label, None if pair.given is None else pair.given == label)] += 1
    return Counts(**found)


def tag_counts(tag: str, rows: Iterable[tuple[frozenset[str], frozenset[str] | None]]) -> Counts:
    """One tag: rows of the true tags and the given ones; None where none could be read."""
    found = dict.fromkeys(Counts.__dataclass_fields__, 0)
    for true, given in rows:
        found[_cell(tag in true, None if given is None else tag in given)] += 1
    return Counts(**found)


def summed(parts: Iterable[Counts]) -> Counts:
    """The counts of several labels or tags together (for micro averages)."""
    found = dict.fromkeys(Counts.__dataclass_fields__, 0)
    for part in parts:
        for name in found:
            found[name] += getattr(part, name)
    return Counts(**found)


def macro_average(name: str, labels: Iterable[Counts]) -> float | None:
    """The mean of a share over all labels that a row has in truth or in the answer.

    A share without rows (the precision of a label that is never given) is 0 there, as in
    scikit-learn; None where no row has any label.
    """
    touched = [counts for counts in labels if counts.touched]
    values = [getattr(counts, name).value or 0.0 for counts in touched]
    return sum(values) / len(values) if values else None


def _cell(true: bool, given: bool | None) -> str:
    if given is None:
        return "unread_positives" if true else "unread_negatives"
    if given:
        return "tp" if true else "fp"
    return "fn" if true else "tn"


def _share(part: int, whole: int, failed: int) -> Metric:
    return Metric(part / whole if whole else None, whole, failed)
