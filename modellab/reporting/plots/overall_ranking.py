"""The overall score of every model with every retriever, best on top, controls below."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry, components_of
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import intervals_of
from modellab.reporting.plots.labels import (
    component_label,
    entry_label,
    not_available_lines,
    scored_rows,
)
from modellab.reporting.plots.protocol import Plot
from modellab.reporting.plots.rows import (
    best_rows,
    draw_bars,
    draw_intervals,
    part_controls,
    prepare_rows,
    retriever_legend,
    row_caption,
    row_figure,
)
from modellab.reporting.plots.style import frame, retriever_colours

TITLE = "Overall ranking"
PANEL_WIDTH = 5.0


def draw(data: PlotData) -> Figure:
    """One bar per entry; the figure grows with the rows, so each keeps its line of text."""
    models = data.models
    overall = components_of(models)[-1]
    entries, left_out = best_rows(models)
    intervals = intervals_of(data)
    figure = row_figure([entry_label(entry) for entry in entries], [PANEL_WIDTH])
    axes = figure.subplots()
    prepare_rows(axes, [entry_label(entry) for entry in entries])
    part_controls(axes, entries)
    axes.set_xlabel(f"{component_label(overall)} ({scored_rows(entries, overall)})")
    _bars(axes, entries, overall, retriever_colours(models))
    draw_intervals(axes, range(len(entries)), [intervals.of(e, overall) for e in entries])
    caption = [
        *row_caption(models, entries, left_out),
        *not_available_lines(entries, [overall]),
        *intervals.lines(entries, [overall]),
    ]
    frame(figure, TITLE, caption)
    return figure


def _bars(axes: Axes, entries: Sequence[Entry], overall: str, colours: dict[str, str]) -> None:
    scores = [entry.score(overall) for entry in entries]
    fills = [colours[entry.summary.retriever] for entry in entries]
    draw_bars(axes, range(len(entries)), scores, 0.72, fills)
    retriever_legend(axes, colours, PANEL_WIDTH)


PLOT = Plot("overall_ranking", TITLE, draw)
