"""The wide table: a row per text, and what each system made of it side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.labels.answers import LabelSystem
from modellab.tasks.label.task import LabelOptions

Row = dict[str, str | None]
#: by column: the field of the answer
_FIELDS = {
    "flag": "label",
    "reasoning": "reasoning",
    "tags": "tags",
    "recommendation": "recommendation",
}


def wide_rows(
    task: LabelOptions, questions: Sequence[Question], systems: Sequence[LabelSystem]
) -> list[Row]:
    """One row per text, in order; None is an empty cell.

    Per system: `<column>_processed_<system>` is the raw text that came, `ai_<system>_flag` the
    label, then `_reasoning`, `_tags` (a JSON list), `_recommendation` and `_status`. With two
    systems or more, `ai_majority_flag` is the label that most of them gave; ensembles, which
    repeat others, do not count.
    """
    first = {system.name: system.first() for system in systems}
    labels = [system.labels() for system in systems if system.votes]
    return [
        {
            **_about(task, question),
            **_answers(task, question, first.items()),
            **_majority_cell(task, [found.get(question.id) for found in labels]),
        }
        for question in questions
    ]


def majority(task: LabelOptions, votes: Iterable[str]) -> str | None:
    """The label with most votes; a tie goes to the one that stands first in the task's list."""
    counts = Counter(votes)
    if not counts:
        return None
    return max(task.labels, key=lambda label: (counts[label], -task.labels.index(label)))


def _about(task: LabelOptions, question: Question) -> Row:
    truth = {f"true_{name}": value for name, value in question.truth.items()}
    return {"id": question.id, task.column: question.text or None, **question.given, **truth}


def _answers(
    task: LabelOptions, question: Question, first: Iterable[tuple[str, dict[str, Prediction]]]
) -> Row:
    cells: Row = {}
    for name, rows in first:
        row = rows.get(question.id)
        answer = row.answer if row else {}
        cells[f"{task.column}_processed_{name}"] = row.raw if row else None
        for column, field in _FIELDS.items():
            cells[f"ai_{name}_{column}"] = answer.get(field) or None
        cells[f"ai_{name}_status"] = row.status.value if row else Status.MISSING.value
    return cells


def _majority_cell(task: LabelOptions, votes: Sequence[str | None]) -> Row:
    if len(votes) < 2:
        return {}
    return {"ai_majority_flag": majority(task, (vote for vote in votes if vote))}
