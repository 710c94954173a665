"""Judges beside people: labels that people gave to the same answers."""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.judging.meta_evaluation.agreement import Both, kappa, kappa_weights, spearman
from modellab.judging.meta_evaluation.units import (
    Answer,
    Cells,
    Measure,
    Unit,
    by_judge,
    by_measure,
    mean,
)

AGREEMENT = (
    *("judge", "kind", "metric", "kappa", "kappa_low", "kappa_high", "kappa_weights"),
    *("accuracy", "base_rate", "spearman", "spearman_low", "spearman_high"),
    *("mean_error", "mean_absolute_error", "n_scored", "n_failed"),
)
CONFUSION = ("judge", "kind", "metric", "human", "judged", "n")
_NEEDED = ("question_id", "model", "metric", "value")

log = logging.getLogger(__name__)

#: the label of an answer by a metric of a kind of judge
Labels = Mapping[tuple[Measure, Answer], float]


def read_labels(path: Path, units: Sequence[Unit]) -> Labels:
    """Labels as people gave them: question_id, model, metric, value; if need be retriever, repeat
    and the kind of judge whose scale the value is on.

    Several people's labels of one answer become their mean; labels of answers that nobody judged
    are told. Raises InputError (file, line) for a value that is no number or not on the scale, and
    where retriever or kind is left out though there are several.
    """
    retrievers: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        retrievers[unit.answer.model].add(unit.answer.retriever)
        kinds[unit.measure.metric].add(unit.measure.kind)
    table = read_csv(path, _NEEDED)
    found: dict[tuple[Measure, Answer], list[float]] = defaultdict(list)
    lines: dict[tuple[Measure, Answer], int] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        model, metric = row["model"], row["metric"]
        answer = Answer(
            model,
            _chosen(path, line, row, "retriever", model, retrievers[model]),
            row["question_id"],
            int(_number(path, line, row.get("repeat") or "1")),
        )
        measure = Measure(_chosen(path, line, row, "kind", metric, kinds[metric]), metric)
        value = _number(path, line, row["value"])
        if measure.kind in kinds[metric]:
            _require_on_scale(path, line, measure, value)
        lines.setdefault((measure, answer), line)
        found[measure, answer].append(value)
    _tell_unmet(path, lines, units)
    return {key: math.fsum(values) / len(values) for key, values in found.items()}


def agreement_rows(units: Sequence[Unit], labels: Labels) -> list[Cells]:
    """By judge and metric, over the answers that have a label.

    `accuracy` is the share of equal categories, `base_rate` that of the most frequent label:
    the accuracy of a judge that always says the same.
    """
    return [
        _agreement(measure, judge, _beside(measure, found, labels))
        for measure, judge, found in _labelled(units, labels)
    ]


def confusion_rows(units: Sequence[Unit], labels: Labels) -> list[Cells]:
    """By judge, metric, label and judged category: how many answers."""
    rows: list[Cells] = []
    for measure, judge, found in _labelled(units, labels):
        both = _beside(measure, found, labels)
        pairs = zip(*(map(measure.category, side) for side in (both.one, both.two)), strict=True)
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
        if any((measure, answer) in labels for answer in found)
    ]


def _beside(measure: Measure, found: Mapping[Answer, Unit], labels: Labels) -> Both:
    """Labels and scores of the same answers; labelled answers without a score have failed."""
    both = [
        (labels[measure, answer], found[answer].value, answer.question_id)
        for answer in sorted(found)
        if (measure, answer) in labels
    ]
    known = [(human, value, question) for human, value, question in both if value is not None]
    return Both(
        [human for human, _, _ in known],
        [value for _, value, _ in known],
        [question for _, _, question in known],
        len(both) - len(known),
    )


def _agreement(measure: Measure, judge: str, both: Both) -> Cells:
    human, judged = both.one, both.two
    labels = [measure.category(value) for value in human]
    said = [measure.category(value) for value in judged]
    errors = [b - a for a, b in zip(human, judged, strict=True)]
    most = Counter(labels).most_common(1)
    return {
        "judge": judge,
        "kind": measure.kind,
        "metric": measure.metric,
        **both.cells("kappa", partial(kappa, measure)),
        "kappa_weights": kappa_weights(measure),
        "accuracy": mean([float(a == b) for a, b in zip(labels, said, strict=True)]),
        "base_rate": most[0][1] / len(labels) if most else None,
        **both.cells("spearman", spearman),
        "mean_error": mean(errors),
        "mean_absolute_error": mean([abs(error) for error in errors]),
        "n_scored": len(human),
        "n_failed": both.failed,
    }


def _chosen(
    path: Path, line: int, row: Mapping[str, str], column: str, of: str, known: set[str]
) -> str:
    """The cell of a column that may be left out where there is but one."""
    if row.get(column):
        return row[column]
    if len(known) > 1:
        raise InputError(
            f"{path}:{line}: the {column} is missing, and {of} has several: "
            f"{', '.join(sorted(known))}"
        )
    return next(iter(known), "")


def _require_on_scale(path: Path, line: int, measure: Measure, value: float) -> None:
    if not measure.lowest <= value <= measure.highest:
        raise InputError(
            f"{path}:{line}: {value:g} is not on the scale of {measure.metric}, "
            f"{measure.lowest:g} to {measure.highest:g}"
        )


def _tell_unmet(
    path: Path, lines: Mapping[tuple[Measure, Answer], int], units: Sequence[Unit]
) -> None:
    """A misspelt name must not make labels vanish in silence."""
    judged = {(unit.measure, unit.answer) for unit in units}
    unmet = [line for key, line in lines.items() if key not in judged]
    if unmet:
        log.warning(
            "%s: %d of %d labels are of no answer that was judged, the first in line %d",
            *(path, len(unmet), len(lines), unmet[0]),
        )


def _number(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{path}:{line}: {text!r} is not a number")
    return value
