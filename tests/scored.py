"""Scored models whose rows are written by hand, put together as the files of a run would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from modellab.core.records import ModelScores, Question
from modellab.evaluation.frame import FILE_COLUMNS, Scores, tidy


@dataclass(frozen=True)
class ScoredModel:
    """A model's record and its score rows, cell by cell as they would be in the file."""

    scores: ModelScores
    rows: tuple[Mapping[str, str], ...]


def dataset(questions: Sequence[Question], models: Iterable[ScoredModel]) -> Scores:
    """The tidy frame of these models; their example scores become numbers."""
    kept = list(models)
    rows = pd.DataFrame([{"model": m.scores.name, **row} for m in kept for row in m.rows])
    rows = rows.reindex(columns=list(dict.fromkeys(["model", *FILE_COLUMNS, *rows.columns])))
    for name in {name for model in kept for name in model.scores.example_scores}:
        if name in rows:
            rows[name] = [float(cell) if cell else float("nan") for cell in rows[name]]
    return tidy(questions, [model.scores for model in kept], rows)
