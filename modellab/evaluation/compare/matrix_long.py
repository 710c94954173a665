"""The long matrix: a row per question, system and repeat, ready to be filtered and grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import ROW_COLUMNS, ScoredModel

_ABOUT = ("question_id", "system", "model", "retriever", "repeat", "status", "outcome")


def write_long_matrix(path: Path, models: Iterable[ScoredModel]) -> None:
    """Write all rows of all models, read one model at a time, in their order."""
    rows = (row for model in models for row in _rows(model))
    first = next(rows, None)
    columns = list(first) if first else list(_ABOUT)
    write_csv(path, columns, chain([first] if first else [], rows))


def _rows(model: ScoredModel) -> Iterator[Mapping[str, str]]:
    for row in model.rows:
        answer = {name: harmless(cell) for name, cell in row.items() if name not in ROW_COLUMNS}
        yield {
            "question_id": row["question_id"],
            "system": entry_name(model.scores.name, row["retriever"]),
            "model": model.scores.name,
            "retriever": row["retriever"],
            "repeat": row["repeat"],
            "status": row["status"],
            "outcome": row["outcome"],
            **answer,
        }
