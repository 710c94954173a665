"""Errors of each model: one table of counts, and a table of its wrong questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import write_frame
from modellab.core.records import Outcome
from modellab.evaluation.compare.matrix import questions_table
from modellab.evaluation.frame import Scores

#: digits of published tables
_DIGITS = 4


def write_errors(scores: Scores, table: Path, folder: Path) -> None:
    """Write the counts to `table`, and into `folder` a file per model."""
    write_frame(table, errors_table(scores))
    with atomic_folder(folder) as part:
        for name, wrong in wrong_questions(scores):
            write_frame(part / f"{name}.csv", wrong)


def errors_table(scores: Scores) -> pd.DataFrame:
    """A row per system, the most accurate first, controls last: its questions by outcome.

    Questions without an outcome are left out; `error_ids` are those whose outcome is not right.
    There is no `accuracy` where the scorer does not say when an answer is right.
    """
    known = scores.first[["system", "question_id", "outcome"]].dropna(subset="outcome")
    known = known.sort_values(["system", "question_id"])
    counts = pd.crosstab(known["system"], known["outcome"], dropna=False)
    counts = counts.reindex(known["system"].cat.categories, fill_value=0)
    wrong = known[known["outcome"] != Outcome.RIGHT]
    ids = wrong["question_id"].astype("str").groupby(wrong["system"], observed=False).agg(";".join)
    total = counts.sum(axis=1)
    graded = np.array([entry.model.correct is not None for entry in scores.entries])
    share = (counts[Outcome.RIGHT.value] / total).where(graded & (total > 0))
    table = pd.DataFrame(
        {
            "model": counts.index.astype("str"),
            **{outcome.value: counts[outcome.value].to_numpy() for outcome in Outcome},
            "total": total.to_numpy(),
            "accuracy": [round(float(one), _DIGITS) for one in share],
            "error_ids": ids.to_numpy(),
            "control": scores.controls,
        }
    )
    order = pd.DataFrame({"control": scores.controls, "wrong": 1 - share.to_numpy()})
    return table.iloc[order.sort_values(["control", "wrong"], kind="stable").index]


def wrong_questions(scores: Scores) -> Iterator[tuple[str, pd.DataFrame]]:
    """By model the first repeats whose outcome is not right, with the reference answers."""
    known = scores.first
    wrong = known[known["outcome"].notna() & (known["outcome"] != Outcome.RIGHT)]
    about = questions_table(scores.questions)
    for model, own in wrong.groupby("model", observed=False):
        parts = [
            own[["system"]],
            about.iloc[own["question_id"].cat.codes],
            own[["status", "outcome"]],
            own[scores.own_columns].add_prefix("Model_"),
        ]
        yield str(model), pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
