"""The components of labels: all of them from counts of right and wrong choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from modellab.records import Question, RowScore, Status
from modellab.scorers.labels.counts import Counts, label_counts, summed, tag_counts
from modellab.scorers.labels.scorer import LabelScorer
from modellab.statistics.additive import Additive, Row, ratio
from modellab.tasks.label import LabelOptions

if TYPE_CHECKING:
    from modellab.statistics.additive import Array

_READ = (Status.ANSWERED, Status.ABSTAINED)
#: counts of one label: tp, fp, fn, tn, unread positives, unread negatives
_SIZE = len(astuple(Counts()))


def labels(task: LabelOptions, overall: str) -> Additive:
    """Sums: the counts of each label, the counts of all tags, texts read, texts that came."""
    scorer = LabelScorer(task, overall)

    def parts(question: Question, row: Row) -> Sequence[float]:
        marked = _row_score(row)
        pair = scorer.pair(question, marked)
        tags = scorer.tag_pair(question, marked)
        by_label = [label_counts(label, [pair] if pair else []) for label in task.labels]
        tagged = summed(tag_counts(tag, [tags] if tags else []) for tag in task.tags)
        read = marked.status in _READ
        return [
            *(float(count) for counts in (*by_label, tagged) for count in astuple(counts)),
            float(read),
            float(read or marked.status == Status.UNPARSED),
        ]

    def combine(sums: Array) -> Mapping[str, Array]:
        found = _choices(sums, task)
        found["parse_rate"] = ratio(sums[..., -2], sums[..., -1])
        if task.tags:
            found["tags_f1"] = _f1(_counts(sums, len(task.labels)))
        found["overall"] = found[overall]
        return {name: found[name] for name in scorer.components}

    shares = frozenset({"accuracy", "parse_rate"})
    return Additive(parts, combine, shares, "correct", "correct")


def _row_score(row: Row) -> RowScore:
    answer = {name: row.get(name, "") for name in ("label", "tags")}
    return RowScore(row["question_id"], row["retriever"], 1, Status(row["status"]), answer, {})


def _counts(sums: Array, index: int) -> Array:
    return sums[..., index * _SIZE : (index + 1) * _SIZE]


def _choices(sums: Array, task: LabelOptions) -> dict[str, Array]:
    """Of the positive label, or the means over the labels that any row has."""
    import numpy as np

    by_label = [_counts(sums, index) for index in range(len(task.labels))]
    whole = np.sum(by_label, axis=0)
    found = {"accuracy": ratio(whole[..., 0], _support(whole))}
    for name, share in (
        ("precision", _precision),
        ("recall", _recall),
        ("f1", _f1),
        ("specificity", _specificity),
    ):
        if task.positive is not None:
            found[name] = share(by_label[task.labels.index(task.positive)])
            continue
        values = np.stack([np.nan_to_num(share(counts)) for counts in by_label])
        touched = np.stack([_support(counts) + counts[..., 1] > 0 for counts in by_label])
        found[name] = ratio((values * touched).sum(axis=0), touched.sum(axis=0).astype(float))
    return found


def _support(counts: Array) -> Array:
    support: Array = counts[..., 0] + counts[..., 2] + counts[..., 4]
    return support


def _precision(counts: Array) -> Array:
    return ratio(counts[..., 0], counts[..., 0] + counts[..., 1])


def _recall(counts: Array) -> Array:
    return ratio(counts[..., 0], _support(counts))


def _specificity(counts: Array) -> Array:
    return ratio(counts[..., 3], counts[..., 3] + counts[..., 1] + counts[..., 5])


def _f1(counts: Array) -> Array:
    touched = counts[..., 1] + _support(counts)
    return ratio(2 * counts[..., 0], counts[..., 0] + touched)
