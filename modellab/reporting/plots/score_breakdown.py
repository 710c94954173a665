"""The components of the overall score side by side, best overall score first."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.evaluation.compare.entries import Entry, components_of
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import Intervals, intervals_of
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
    row_caption,
    row_figure,
)
from modellab.reporting.plots.style import (
    component_colours,
    frame,
    legend_above,
)

TITLE = "Score breakdown"
#: up to this many rows the bars of a row stand together; more rows get a panel per component
MAX_GROUPED = 10
GROUPED_WIDTH = 6.0
PANEL_WIDTH = 2.4
_BAR_HEIGHT = 0.17


def draw(data: PlotData) -> Figure:
    """Grouped bars for few rows; for many, a panel per component with the same rows."""
    models = data.models
    components = components_of(models)
    intervals = intervals_of(data)
    entries, left_out = best_rows(models)
    drawn = _grouped if len(entries) <= MAX_GROUPED else _panels
    figure = drawn(entries, components, intervals)
    caption = [
        *row_caption(models, entries, left_out),
        *not_available_lines(entries, components),
        *intervals.lines(entries, components),
    ]
    frame(figure, TITLE, caption)
    return figure


def _grouped(entries: Sequence[Entry], components: Sequence[str], intervals: Intervals) -> Figure:
    labels = [entry_label(entry) for entry in entries]
    colours = component_colours(components)
    figure = row_figure(labels, [GROUPED_WIDTH], row_height=_BAR_HEIGHT * (len(components) + 1))
    axes = figure.subplots()
    prepare_rows(axes, labels)
    part_controls(axes, entries)
    step = 1 / (len(components) + 1)
    for number, component in enumerate(components):
        shift = (number - (len(components) - 1) / 2) * step
        rows = [row + shift for row in range(len(entries))]
        scores = [entry.score(component) for entry in entries]
        draw_bars(axes, rows, scores, 0.92 * step, colours[component])
        draw_intervals(axes, rows, [intervals.of(entry, component) for entry in entries])
    names = {c: f"{component_label(c)} ({scored_rows(entries, c)})" for c in components}
    legend_above(axes, [Patch(color=colours[c], label=names[c]) for c in components], GROUPED_WIDTH)
    return figure


def _panels(entries: Sequence[Entry], components: Sequence[str], intervals: Intervals) -> Figure:
    labels = [entry_label(entry) for entry in entries]
    colours = component_colours(components)
    figure = row_figure(labels, [PANEL_WIDTH] * len(components))
    grid = figure.subplots(1, len(components), sharey=True, squeeze=False)[0]
    for axes, component in zip(grid, components, strict=True):
        scores = [entry.score(component) for entry in entries]
        prepare_rows(axes, labels)
        part_controls(axes, entries)
        draw_bars(axes, range(len(scores)), scores, 0.72, colours[component])
        lines = [intervals.of(entry, component) for entry in entries]
        draw_intervals(axes, range(len(lines)), lines)
        axes.set_title(component_label(component))
        axes.set_xlabel(scored_rows(entries, component))
    return figure


PLOT = Plot("score_breakdown", TITLE, draw)
