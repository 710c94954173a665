"""Submitted answers of WattBot as predictions."""

from __future__ import annotations

from modellab.core.records import EXTERNAL, Prediction, Status
from modellab.models.submission_files import Matched, MissingRows, SubmissionRow
from modellab.tasks.wattbot.task import answered


def submitted_predictions(matched: Matched, missing: MissingRows = "incorrect") -> list[Prediction]:
    """The answers of a submission to score.

    - incorrect: one per question; the first row of a duplicate id counts, a missing row is MISSING
    - ignore: one per row that has a question, as published numbers were made: missing rows
      are left out, duplicate ids count once per row
    """
    if missing == "incorrect":
        return [
            _prediction(rows[0], 1)
            if rows
            else Prediction(name, EXTERNAL, 1, Status.MISSING, {}, None, "")
            for name, rows in matched.rows.items()
        ]
    return [
        _prediction(row, repeat)
        for rows in matched.rows.values()
        for repeat, row in enumerate(rows, start=1)
    ]


def _prediction(row: SubmissionRow, repeat: int) -> Prediction:
    parsed = answered(row.cells)
    return Prediction(row.id, EXTERNAL, repeat, parsed.status, parsed.answer, None, "")
