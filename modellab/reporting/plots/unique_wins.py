"""The questions that one system alone answers right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from modellab.evaluation.compare.agreement import alone
from modellab.evaluation.compare.entries import ENSEMBLE, entries_of, standings
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import entry_label
from modellab.reporting.plots.marks import Numbers, correct_marks, stacked
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    prepare_rows,
    retriever_legend,
    row_caption,
    row_figure,
    write_column,
)
from modellab.reporting.plots.style import frame, retriever_colours

TITLE = "Unique wins"
PANEL_WIDTH = 4.6


def draw(data: PlotData) -> Figure:
    """One bar per contender, most wins first; counted against all of them, shown or not."""
    every = standings(data.models).contenders
    entries, left_out = best_rows(data.models, controls=False)
    marks = correct_marks(data)
    if len(every) < 2:
        raise NothingToShow("Fewer than two systems compete: every right answer would be unique.")
    names = [entry.name for entry in every]
    right = stacked(marks, names) == 1.0
    found = _won(data, names, right)
    wins = {name: int(won.sum()) for name, won in found.items()}
    entries = sorted(entries, key=lambda entry: -wins[entry.name])  # ties stay in order of rank
    labels, counts = [entry_label(entry) for entry in entries], [wins[e.name] for e in entries]
    figure = row_figure(labels, [PANEL_WIDTH])
    axes = figure.subplots()
    prepare_rows(axes, labels, max(*counts, 1) * 1.02)
    colours = retriever_colours(data.models)
    fills = [colours[entry.summary.retriever] for entry in entries]
    axes.barh(range(len(entries)), counts, height=0.72, color=fills)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Questions that no other system answers right")
    write_column(axes, range(len(entries)), [str(count) for count in counts])
    retriever_legend(axes, colours, PANEL_WIDTH)
    frame(
        figure,
        TITLE,
        [*row_caption(data.models, entries, left_out), _shared(right, found), *_ensembles(data)],
    )
    return figure


def _won(data: PlotData, names: Sequence[str], right: Numbers) -> dict[str, Numbers]:
    """By system, the questions that it alone is right on; ensembles take no win from the others."""
    voting = {e.name for e in entries_of(data.models) if e.model.llm_provider == ENSEMBLE}
    others = np.array([name not in voting for name in names])
    return {
        name: alone(right, place, np.ones_like(others) if name in voting else others)
        for place, name in enumerate(names)
    }


def _shared(right: Numbers, found: Mapping[str, Numbers]) -> str:
    systems, questions = right.shape
    nobody, everybody = int((~right.any(axis=0)).sum()), int(right.all(axis=0).sum())
    won = int(np.any(list(found.values()), axis=0).sum())
    return (
        f"Of {questions} questions, one system alone is right on {won}, all "
        f"{systems} on {everybody}, none on {nobody}. First repeat."
    )


def _ensembles(data: PlotData) -> list[str]:
    there = any(model.llm_provider == ENSEMBLE for model in data.models)
    return ["An ensemble takes no win from others: its answers are theirs."] * there


PLOT = Plot("unique_wins", TITLE, draw)
