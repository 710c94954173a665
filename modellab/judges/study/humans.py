"""Judges beside people: labels that people gave to the same answers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from modellab.errors import InputError
from modellab.judges.study.agreement import kappa, kappa_weights, spearman
from modellab.judges.study.units import Answer, Cells, Measure, Unit, by_judge, by_measure, mean
from modellab.storage.csvfile import read_csv

AGREEMENT = (
    *("judge", "kind", "metric", "kappa", "kappa_weights", "accuracy", "base_rate", "spearman"),
    *("mean_error", "mean_absolute_error", "n_scored", "n_failed"),
)
CONFUSION = ("judge", "kind", "metric", "human", "judged", "n")
_NEEDED = ("question_id", "model", "metric", "value")

#: the label of an answer by a metric
Labels = Mapping[tuple[str, Answer], float]


def read_labels(path: Path, units: Sequence[Unit]) -> Labels:
    """Labels as people gave them: question_id, model, metric, value; retriever, repeat if need be.

    Several people's labels of one answer become their mean. Raises InputError (file, line) for a
    value that is no number, and where the retriever is left out though the model has several.
    """
    retrievers: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        retrievers[unit.answer.model].add(unit.answer.retriever)
    table = read_csv(path, _NEEDED)
    found: dict[tuple[str, Answer], list[float]] = defaultdict(list)
    for line, row in zip(table.lines, table.rows, strict=True):
        answer = Answer(
            row["model"],
            _retriever(path, line, row, retrievers[row["model"]]),
            row["question_id"],
            int(_number(path, line, row.get("repeat") or "1")),
        )
        found[row["metric"], answer].append(_number(path, line, row["value"]))
    return {key: math.fsum(values) / len(values) for key, values in found.items()}


def agreement_rows(units: Sequence[Unit], labels: Labels) -> list[Cells]:
    """By judge and metric, over the answers that have a label.

    `accuracy` is the share of equal categories, `base_rate` that of the most frequent label:
    the accuracy of a judge that always says the same.
    """
    return [
        _agreement(measure, judge, *_beside(measure, found, labels))
        for measure, judge, found in _labelled(units, labels)
    ]


def confusion_rows(units: Sequence[Unit], labels: Labels) -> list[Cells]:
    """By judge, metric, label and judged category: how many answers."""
    rows: list[Cells] = []
    for measure, judge, found in _labelled(units, labels):
        human, judged, _ = _beside(measure, found, labels)
        pairs = zip(map(measure.category, human), map(measure.category, judged), strict=True)
        counts = Counter(pairs)
        rows += [
            {"judge": judge, "kind": measure.kind, "metric": measure.metric}
            | {"human": h, "judged": j, "n": counts[h, j]}
            for h in measure.categories
            for j in measure.categories
        ]
    return rows


def _labelled(
    units: Sequence[Unit], labels: Labels
) -> list[tuple[Measure, str, dict[Answer, Unit]]]:
    """Each judge's units of a metric, where one of them has a label."""
    return [
        (measure, judge, found)
        for measure, group in sorted(by_measure(units).items())
        for judge, found in sorted(by_judge(group).items())
        if any((measure.metric, answer) in labels for answer in found)
    ]


def _beside(
    measure: Measure, found: Mapping[Answer, Unit], labels: Labels
) -> tuple[list[float], list[float], int]:
    """Labels and scores of the same answers, and how many labelled ones have no score."""
    both = [
        (labels[measure.metric, answer], found[answer].value)
        for answer in sorted(found)
        if (measure.metric, answer) in labels
    ]
    known = [(human, value) for human, value in both if value is not None]
    return [human for human, _ in known], [value for _, value in known], len(both) - len(known)


def _agreement(
    measure: Measure, judge: str, human: list[float], judged: list[float], failed: int
) -> Cells:
    labels = [measure.category(value) for value in human]
    said = [measure.category(value) for value in judged]
    errors = [b - a for a, b in zip(human, judged, strict=True)]
    most = Counter(labels).most_common(1)
    return {
        "judge": judge,
        "kind": measure.kind,
        "metric": measure.metric,
        "kappa": kappa(measure, human, judged),
        "kappa_weights": kappa_weights(measure),
        "accuracy": mean([float(a == b) for a, b in zip(labels, said, strict=True)]),
        "base_rate": most[0][1] / len(labels) if most else None,
        "spearman": spearman(human, judged),
        "mean_error": mean(errors),
        "mean_absolute_error": mean([abs(error) for error in errors]),
        "n_scored": len(human),
        "n_failed": failed,
    }


def _retriever(path: Path, line: int, row: Mapping[str, str], known: set[str]) -> str:
    if row.get("retriever"):
        return row["retriever"]
    if len(known) > 1:
        raise InputError(
            f"{path}:{line}: the retriever is missing, and {row['model']} has several: "
            f"{', '.join(sorted(known))}"
        )
    return next(iter(known), "")


def _number(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{path}:{line}: {text!r} is not a number")
    return value
