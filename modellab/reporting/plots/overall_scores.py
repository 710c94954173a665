"""The overall score of every system as a point with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry, components_of
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import Intervals, intervals_of
from modellab.reporting.plots.labels import (
    component_label,
    entry_label,
    not_available_lines,
    score_text,
    scored_rows,
)
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    part_controls,
    prepare_rows,
    retriever_legend,
    row_caption,
    row_figure,
    write_column,
)
from modellab.reporting.plots.style import MUTED, frame, retriever_colours

TITLE = "Overall scores with their uncertainty"
PANEL_WIDTH = 6.0


def draw(data: PlotData) -> Figure:
    """A point per system on a scale that fits the intervals; hollow: not apart from the best."""
    overall = components_of(data.models)[-1]
    entries, left_out = best_rows(data.models)
    intervals, labels = intervals_of(data), [entry_label(entry) for entry in entries]
    if all(entry.score(overall) is None for entry in entries):
        raise NothingToShow("No system has an overall score, so there is nothing to show.")
    figure = row_figure(labels, [PANEL_WIDTH])
    axes = figure.subplots()
    prepare_rows(axes, labels)
    part_controls(axes, entries)
    axes.set_xlim(_scale(entries, overall, intervals))
    axes.set_xlabel(f"{component_label(overall)} ({scored_rows(entries, overall)})")
    tied = _tied_with(entries[0].name, data, overall)
    _points(axes, entries, overall, intervals, retriever_colours(data.models), tied)
    write_column(axes, range(len(entries)), [score_text(e.score(overall)) for e in entries])
    retriever_legend(axes, retriever_colours(data.models), PANEL_WIDTH)
    caption = [
        *row_caption(data.models, entries, left_out),
        *not_available_lines(entries, [overall]),
        *intervals.lines(entries, [overall]),
        "The scale need not begin at 0. Dashed: the best score of a contender.",
        *(["Hollow: not distinguishable from the best."] if tied else []),
    ]
    frame(figure, TITLE, caption)
    return figure


def _scale(entries: Sequence[Entry], overall: str, intervals: Intervals) -> tuple[float, float]:
    scores = [score for entry in entries if (score := entry.score(overall)) is not None]
    ends = [end for e in entries if (line := intervals.of(e, overall)) for end in line]
    low, high = min([*scores, *ends]), max([*scores, *ends])
    room = 0.04 * max(high - low, 0.05)
    return low - room, high + room


def _tied_with(best: str, data: PlotData, overall: str) -> set[str]:
    """The systems that the table of comparisons cannot tell from the best."""
    tied: set[str] = set()
    for row in data.table("comparisons"):
        pair = {row["system_a"], row["system_b"]}
        if row["component"] == overall and best in pair and row["distinguishable"] == "False":
            tied |= pair - {best}
    return tied


def _points(
    axes: Axes,
    entries: Sequence[Entry],
    overall: str,
    intervals: Intervals,
    colours: Mapping[str, str],
    tied: set[str],
) -> None:
    for row, entry in enumerate(entries):
        score, line = entry.score(overall), intervals.of(entry, overall)
        if score is None:
            continue
        colour = colours[entry.summary.retriever]
        if line:
            axes.hlines(row, *line, color=colour, linewidth=1.6, zorder=2)
        face = "white" if entry.name in tied else colour
        axes.plot(score, row, "o", color=colour, markerfacecolor=face, markersize=6, zorder=3)
    best = entries[0].score(overall)
    if best is not None and not entries[0].control:
        axes.axvline(best, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)


PLOT = Plot("overall_scores", TITLE, draw)
