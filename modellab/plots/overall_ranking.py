"""The overall score of every model with every retriever, best on top."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.compare.entries import Entry, components_of, ranked
from modellab.plots.data import PlotData
from modellab.plots.intervals import intervals_of
from modellab.plots.labels import (
    component_label,
    coverage_lines,
    entry_label,
    not_available_lines,
    scored_rows,
    shortened_line,
    source_line,
)
from modellab.plots.protocol import Plot
from modellab.plots.rows import draw_bars, draw_intervals, prepare_rows, row_figure
from modellab.plots.style import frame, legend_above, retriever_colours
from modellab.records import ModelScores

TITLE = "Overall ranking"
PANEL_WIDTH = 5.0


def draw(data: PlotData) -> Figure:
    """One bar per entry; the figure grows with the rows, so each keeps its line of text."""
    models = data.models
    overall = components_of(models)[-1]
    entries = ranked(models)
    intervals = intervals_of(data)
    figure = row_figure([entry_label(entry) for entry in entries], [PANEL_WIDTH])
    axes = figure.subplots()
    prepare_rows(axes, [entry_label(entry) for entry in entries])
    axes.set_xlabel(f"{component_label(overall)} ({scored_rows(entries, overall)})")
    _bars(axes, entries, overall, retriever_colours(models))
    draw_intervals(axes, range(len(entries)), [intervals.of(e, overall) for e in entries])
    frame(
        figure, TITLE, [*_caption(models, entries, overall), *intervals.lines(entries, [overall])]
    )
    return figure


def _bars(axes: Axes, entries: Sequence[Entry], overall: str, colours: dict[str, str]) -> None:
    scores = [entry.score(overall) for entry in entries]
    fills = [colours[entry.summary.retriever] for entry in entries]
    draw_bars(axes, range(len(entries)), scores, 0.72, fills)
    if len(colours) > 1:
        patches = [Patch(color=colour, label=name) for name, colour in colours.items()]
        legend_above(axes, patches, PANEL_WIDTH)


def _caption(models: Sequence[ModelScores], entries: Sequence[Entry], overall: str) -> list[str]:
    return [
        source_line(models),
        *shortened_line([model.name for model in models]),
        *coverage_lines(entries),
        *not_available_lines(entries, [overall]),
    ]


PLOT = Plot("overall_ranking", TITLE, draw)
