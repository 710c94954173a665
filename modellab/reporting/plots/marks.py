"""Right or wrong, by system and question, from the score rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from modellab.core.records import Outcome
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import NothingToShow

Numbers = np.ndarray[Any, np.dtype[Any]]


def correct_marks(data: PlotData) -> dict[str, Numbers]:
    """By system: 1.0 where the outcome is right, 0.0 where it is another, NaN without outcome.

    One per question, in the questions' order; of several repeats the first counts. Raises
    NothingToShow where the task's answers are not right or wrong.
    """
    if data.models[0].correct is None:
        raise NothingToShow(
            "The answers of this task are not right or wrong, so there is nothing to show."
        )
    places = {question.id: place for place, question in enumerate(data.questions)}
    found: dict[str, Numbers] = {}
    for model in data.models:
        for summary in model.summaries:
            found[entry_name(model.name, summary.retriever)] = np.full(len(places), np.nan)
        for row in data.rows.get(model.name, ()):
            system = entry_name(model.name, row["retriever"])
            left_out = row["outcome"] == Outcome.MISSING and model.missing == "ignore"
            if int(row["repeat"]) == FIRST_REPEAT and row["outcome"] and not left_out:
                right = row["outcome"] == Outcome.RIGHT
                found[system][places[row["question_id"]]] = float(right)
    return found


def stacked(marks: Mapping[str, Numbers], names: Sequence[str]) -> Numbers:
    """(systems, questions) in the order of names."""
    return np.stack([marks[name] for name in names])
