"""The files of the scoring stage: one record and one table of rows per model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_record
from modellab.core.records import ModelScores

ROW_COLUMNS = ("question_id", "retriever", "repeat", "status", "outcome")
#: repeats count from 1; side-by-side tables and submission files show the first
FIRST_REPEAT = 1


@dataclass(frozen=True)
class ScoredModel:
    """A model's scores and the cells of its score rows, as text."""

    scores: ModelScores
    rows: tuple[Mapping[str, str], ...]


def read_scored_model(record: Path, table: Path) -> ScoredModel:
    return ScoredModel(read_scores(record), read_csv(table, ROW_COLUMNS).rows)


def read_scores(path: Path) -> ModelScores:
    """Read `scores/{model}.json`. Unknown keys are ignored."""
    return read_record(path, ModelScores)
