"""Scored models of rows written by hand, put together like the files of a run."""

from collections.abc import Iterable, Sequence

import pandas as pd

from modellab.core.records import Question
from modellab.evaluation.compare.score_files import ROW_COLUMNS, ScoredModel
from modellab.evaluation.frame import Scores, tidy

__all__ = ["ScoredModel", "dataset"]


def dataset(questions: Sequence[Question], models: Iterable[ScoredModel]) -> Scores:
    """The tidy frame of these models; their example scores become numbers."""
    kept = list(models)
    rows = pd.DataFrame([{"model": m.scores.name, **row} for m in kept for row in m.rows])
    rows = rows.reindex(columns=list(dict.fromkeys(["model", *ROW_COLUMNS, *rows.columns])))
    for name in {name for model in kept for name in model.scores.example_scores}:
        if name in rows:
            rows[name] = [float(cell) if cell else float("nan") for cell in rows[name]]
    return tidy(questions, [model.scores for model in kept], rows)
