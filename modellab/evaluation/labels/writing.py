"""The stage: questions and all models' predictions in, tables of labels out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.labels.agreement import COLUMNS as AGREEMENT_COLUMNS
from modellab.evaluation.labels.agreement import agreement_rows
from modellab.evaluation.labels.answers import label_systems
from modellab.evaluation.labels.tables import (
    CONFUSION_COLUMNS,
    SCORE_COLUMNS,
    confusion_rows,
    score_rows,
)
from modellab.evaluation.labels.wide import wide_rows
from modellab.tasks.label.scoring.scorer import LabelScorer


@dataclass(frozen=True)
class LabelTables:
    """Where the tables go."""

    wide: Path
    scores: Path
    confusion: Path
    agreement: Path


def write_label_tables(
    scorer: LabelScorer,
    questions: Path,
    predictions: Mapping[str, Path],
    out: LabelTables,
    ensembles: Collection[str] = (),
) -> None:
    """Write all tables; `predictions` are files by model, in the order of the columns.

    `ensembles` are the models whose labels are those of others.

    A text that a spreadsheet would run as a formula has an apostrophe in front.
    """
    asked = read_rows(questions, Question)
    by_id = {question.id: question for question in asked}
    rows_of = {model: read_rows(path, Prediction) for model, path in predictions.items()}
    systems = label_systems(rows_of, ensembles)
    rows = wide_rows(scorer.task, asked, systems)
    write_csv(out.wide, wide_columns(rows), [_harmless(row) for row in rows])
    write_csv(out.scores, SCORE_COLUMNS, score_rows(scorer, by_id, systems))
    write_csv(out.confusion, CONFUSION_COLUMNS, confusion_rows(scorer, by_id, systems))
    write_csv(out.agreement, AGREEMENT_COLUMNS, agreement_rows(scorer.task.labels, asked, systems))


def wide_columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The columns of all rows, in the order in which they first stand."""
    return list(dict.fromkeys(column for row in rows for column in row))


def _harmless(row: Mapping[str, str | None]) -> dict[str, str | None]:
    return {column: None if cell is None else harmless(cell) for column, cell in row.items()}
