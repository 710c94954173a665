"""Reading what a plot is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json, read_json_rows, read_rows
from modellab.core.records import Question
from modellab.evaluation.compare.score_files import ROW_COLUMNS, read_scores
from modellab.reporting.plots.data import TABLES, PlotData, Row

Files = Mapping[str, Sequence[Path]]


@dataclass(frozen=True)
class _ScoreRows:
    """A model's score rows, read each time they are gone through."""

    path: Path

    def __iter__(self) -> Iterator[Row]:
        return iter(read_csv(self.path, ROW_COLUMNS).rows)


@dataclass(frozen=True)
class _Predictions:
    """A model's predictions, read line by line each time they are gone through."""

    path: Path

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return read_json_rows(self.path)


def read_plot_data(files: Files) -> PlotData:
    """Read what was given: score summaries as `scores`, the rest as named in the registry.

    Files of models are named like the model. A table in several files has the rows of all.
    """
    return PlotData(
        models=tuple(read_scores(path) for path in files["scores"]),
        questions=tuple(
            question
            for path in files.get("questions", ())
            for question in read_rows(path, Question)
        ),
        rows={path.stem: _ScoreRows(path) for path in files.get("rows", ())},
        predictions={path.stem: _Predictions(path) for path in files.get("predictions", ())},
        runs={path.stem: read_json(path) for path in files.get("runs", ())},
        tables={
            name: [row for path in files[name] for row in read_csv(path).rows]
            for name in TABLES
            if files.get(name)
        },
    )
