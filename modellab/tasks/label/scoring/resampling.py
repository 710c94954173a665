"""The components of labels: all of them from counts of right and wrong choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from modellab.core.records import Question, RowScore, Status
from modellab.tasks.additive import Additive, Term, mean_of, ratio
from modellab.tasks.label.scoring.counts import Counts, label_counts, summed, tag_counts
from modellab.tasks.label.scoring.scorer import LabelScorer
from modellab.tasks.label.task import LabelOptions

if TYPE_CHECKING:
    import pandas as pd

    from modellab.tasks.additive import Array

_READ = (Status.ANSWERED, Status.ABSTAINED)
#: counts of one label: tp, fp, fn, tn, unread positives, unread negatives
_SIZE = len(astuple(Counts()))


def labels(task: LabelOptions, overall: str) -> Additive:
    """Sums: the counts of each label, the counts of all tags, then those of plain shares."""
    scorer = LabelScorer(task, overall)
    shares = _shares(task)

    def parts(questions: Sequence[Question], rows: pd.DataFrame) -> Array:
        """Rows that are alike in all that counts are counted once."""
        import numpy as np
        import pandas as pd

        alike = [
            (q.truth.get("label", ""), q.truth.get("tags", ""), bool(q.text.strip()))
            for q in questions
        ]
        keys = pd.DataFrame(
            {
                "truth": pd.Series(alike).factorize()[0][rows["question_id"].cat.codes],
                **{
                    name: rows[name].to_numpy()
                    for name in ("status", "label", "tags")
                    if name in rows
                },
            }
        )
        place = keys.groupby(list(keys), observed=True, sort=False).ngroup().to_numpy()
        _, firsts = np.unique(place, return_index=True)
        codes = rows["question_id"].cat.codes.to_numpy()
        counted = [
            of_row(questions[codes[first]], row)
            for first, row in zip(firsts, keys.iloc[firsts].to_dict("records"), strict=True)
        ]
        return np.array(counted, dtype=float)[place]

    def of_row(question: Question, row: Mapping[Any, Any]) -> Sequence[float]:
        marked = _row_score(question, row)
        pair = scorer.pair(question, marked)
        tags = scorer.tag_pair(question, marked)
        by_label = [label_counts(label, [pair] if pair else []) for label in task.labels]
        tagged = summed(tag_counts(tag, [tags] if tags else []) for tag in task.tags)
        read = float(marked.status in _READ)
        counted = _positive(task, by_label) or summed(by_label)
        return [
            *(float(count) for counts in (*by_label, tagged) for count in astuple(counts)),
            *(read, float(read or marked.status == Status.UNPARSED)),
            *(float(sum(counts.tp for counts in by_label)), float(summed(by_label).support)),
            *(float(counted.tp), float(counted.support)),
            *(float(counted.tn), float(counted.negatives)),
        ]

    def others(sums: Array) -> Mapping[str, Array]:
        found = _choices(sums, task)
        if task.tags:
            found["tags_f1"] = _f1(_counts(sums, len(task.labels)))
        if overall in found:
            found["overall"] = found[overall]
        return {name: values for name, values in found.items() if name not in means}

    means = {**shares, **({"overall": shares[overall]} if overall in shares else {})}
    return Additive(parts, means, "correct", others)


def _shares(task: LabelOptions) -> dict[str, tuple[Term, ...]]:
    """The components that are shares of rows. Recall over several labels is a mean of ratios."""
    first = (len(task.labels) + 1) * _SIZE
    found = {"parse_rate": mean_of(first, first + 1), "accuracy": mean_of(first + 2, first + 3)}
    if task.positive is not None:
        found["recall"] = mean_of(first + 4, first + 5)
        found["specificity"] = mean_of(first + 6, first + 7)
    return found


def _positive(task: LabelOptions, by_label: Sequence[Counts]) -> Counts | None:
    return by_label[task.labels.index(task.positive)] if task.positive is not None else None


def _row_score(question: Question, row: Mapping[Any, Any]) -> RowScore:
    answer = {name: row.get(name, "") for name in ("label", "tags")}
    return RowScore(question.id, "", 1, Status(row["status"]), answer, {})


def _counts(sums: Array, index: int) -> Array:
    return sums[..., index * _SIZE : (index + 1) * _SIZE]


def _choices(sums: Array, task: LabelOptions) -> dict[str, Array]:
    """Of the positive label, or the means over the labels that any row has."""
    import numpy as np

    by_label = [_counts(sums, index) for index in range(len(task.labels))]
    found: dict[str, Array] = {}
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
