"""What plots are drawn from, by the names that the registry uses for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modellab.core.records import ModelScores, Question

Row = Mapping[str, str]

#: files that each model has one of
PER_MODEL = ("rows", "predictions", "runs")
#: tables of a dataset, `results/{dataset}/{name}.csv`
TABLES = (
    "statistics",
    "comparisons",
    "noise_budget",
    "agreement",
    "retrieval",
    "error_attribution",
    "judge_scores",
)
#: all that a plot may name beside the scores, which every plot has
SOURCES = ("questions", *PER_MODEL, *TABLES)


@dataclass(frozen=True)
class PlotData:
    """One dataset's results. Apart from `models` only what the plot asked for is there.

    `rows` (score rows, cells as text) and `predictions` (plain JSON) are by model and read when
    they are gone through, one model at a time; `runs` are the runs' records by model. `tables`
    are by name; one that the dataset does not have is not in it.
    """

    models: tuple[ModelScores, ...]
    questions: tuple[Question, ...] = ()
    rows: Mapping[str, Iterable[Row]] = field(default_factory=dict)
    predictions: Mapping[str, Iterable[Mapping[str, Any]]] = field(default_factory=dict)
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def table(self, name: str) -> Sequence[Row]:
        """The table's rows; none where the dataset does not have the table."""
        return self.tables.get(name, ())
