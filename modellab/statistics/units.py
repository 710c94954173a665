"""The sums of all systems, unit by unit: a unit is what is drawn as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.compare.entries import Entry, entries_of
from modellab.compare.score_files import ScoredModel
from modellab.errors import InputError
from modellab.records import Question, Status
from modellab.statistics.additive import Additive, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.statistics.additive import Array

#: published numbers and these sums may differ by rounding
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Systems:
    """All systems on the same units.

    `sums` is (systems, units, parts); `present` (systems, units) says where a system has rows.
    `row_marks` and `correct` are (systems, units): the mean over a unit's rows of the mark that
    decides wins, and of the mark for right answers (not a number where there is none).
    """

    entries: tuple[Entry, ...]
    units: tuple[str, ...]
    additive: Additive
    sums: Array
    present: NDArray[np.bool_]
    row_marks: Array
    correct: Array


def gather(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    additive: Additive,
    cluster: str,
) -> Systems:
    """Add up the rows of each system by unit; rows that are left out of the scores are here too.

    Raises InputError where the sums do not give the components that stand in the score files.
    """
    import numpy as np

    by_id = {question.id: question for question in questions}
    units_of = {question.id: unit_of(question, cluster) for question in questions}
    units = tuple(dict.fromkeys(units_of.values()))
    place = {unit: index for index, unit in enumerate(units)}
    entries = entries_of([model.scores for model in models])
    size = len(additive.parts(questions[0], _any_row(models)))
    sums = np.zeros((len(entries), len(units), size))
    marks = np.zeros((len(entries), len(units), 2, 2))
    number_of = {(entry.model.name, entry.summary.retriever): n for n, entry in enumerate(entries)}
    for model in models:
        inner = model.scores.join == "inner"
        for row in model.rows:
            if inner and row["status"] == Status.MISSING:
                continue
            system = number_of[model.scores.name, row["retriever"]]
            unit = place[units_of[row["question_id"]]]
            sums[system, unit] += additive.parts(by_id[row["question_id"]], row)
            _mark(marks[system, unit, 0], row, additive.row_mark)
            _mark(marks[system, unit, 1], row, additive.correct)
    counts = marks[..., 1]
    with np.errstate(invalid="ignore"):
        means = np.where(counts > 0, marks[..., 0] / np.maximum(counts, 1), np.nan)
    found = Systems(
        tuple(entries), units, additive, sums, (sums != 0).any(axis=2), means[..., 0], means[..., 1]
    )
    _check(found)
    return found


def unit_values(systems: Systems) -> dict[str, Array]:
    """By component (systems, units): its value on each unit alone; not a number where none is."""
    import numpy as np

    found = systems.additive.combine(systems.sums)
    return {name: np.where(systems.present, values, np.nan) for name, values in found.items()}


def unit_of(question: Question, cluster: str) -> str:
    """The question itself, or the first document that it is about."""
    if cluster == "document" and question.references:
        return f"document {question.references[0]}"
    return question.id


def _any_row(models: Sequence[ScoredModel]) -> Mapping[str, str]:
    for model in models:
        for row in model.rows:
            return row
    raise InputError("scores: no model has a scored row")


def _mark(cell: Array, row: Mapping[str, str], name: str | None) -> None:
    value = number(row[name]) if name else None
    if value is not None:
        cell += (value, 1.0)


def _check(systems: Systems) -> None:
    """The sums of all units must give what the score files say."""
    import numpy as np

    found = systems.additive.combine(systems.sums.sum(axis=1))
    for component, values in found.items():
        for entry, value in zip(systems.entries, values, strict=True):
            metric = entry.summary.metrics[component]
            # a value without a row behind it is a rule, such as the 1 of WattBot's na_recall
            told = metric.value if metric.n_scored else None
            mine = None if np.isnan(value) else float(value)
            if (told is None) != (mine is None) or (
                told is not None and mine is not None and abs(told - mine) > _ROUNDING
            ):
                raise InputError(
                    f"scores of {entry.name}: {component} is {told} in the summary, but its rows "
                    f"give {mine}; score the model again"
                )
