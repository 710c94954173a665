"""Every component against the size of the model."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import Entry, components_of, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import Intervals, intervals_of
from modellab.reporting.plots.labels import (
    component_label,
    names_line,
    partial_lines,
    scored_rows,
    shortened_line,
    source_line,
)
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.scatter import (
    PANEL_WIDTH,
    SIZE_LABEL,
    Point,
    apart,
    draw_legend,
    draw_points,
    label_points,
    labelled_lines,
    log_scale,
    scatter_figure,
    size_of,
)
from modellab.reporting.plots.style import frame, retriever_colours, settle

TITLE = "Scores by model size"


def draw(data: PlotData) -> Figure:
    """A panel per component, the overall score first."""
    models, intervals = data.models, intervals_of(data)
    components = components_of(models)
    entries = [entry for entry in ranked(models) if size_of(entry) is not None]
    if not entries:
        reason = "No model has a size (size_b), so there is nothing to show."
        raise NothingToShow(reason, _sizeless(models, entries))
    panels = [components[-1], *components[:-1]]
    figure, legend, grid = scatter_figure(len(panels))
    draw_legend(legend, entries, retriever_colours(models), 2 * PANEL_WIDTH - 1)
    drawn: list[list[Point]] = []
    for axes, component in zip(grid, panels, strict=True):
        log_scale(axes, [size for entry in entries if (size := size_of(entry)) is not None])
        axes.set_ylim(-0.04, 1.06)
        axes.set_xlabel(SIZE_LABEL)
        axes.set_title(f"{component_label(component)} ({scored_rows(entries, component)})")
        points = apart(axes, _points(entries, component, intervals))
        draw_points(axes, points, retriever_colours(models))
        drawn.append(points)
    frame(figure, TITLE, _caption(models, entries, panels, intervals))
    settle(figure)  # labels can be placed only where the layout is final
    for axes, placed in zip(grid, drawn, strict=True):
        label_points(axes, placed)
    return figure


def _points(entries: Sequence[Entry], component: str, intervals: Intervals) -> list[Point]:
    return [
        Point(entry, size, score, intervals.of(entry, component))
        for entry in entries
        if (size := size_of(entry)) is not None and (score := entry.score(component)) is not None
    ]


def _caption(
    models: Sequence[ModelScores],
    entries: Sequence[Entry],
    components: Sequence[str],
    intervals: Intervals,
) -> list[str]:
    return [
        source_line(models),
        *labelled_lines(entries),
        *(["Retrievers stand a little apart sideways."] if _several(entries) else []),
        *intervals.lines(entries, components),
        *partial_lines(entries),
        *shortened_line([entry.model.name for entry in entries]),
        *_sizeless(models, entries),
        *_valueless(entries, components),
    ]


def _sizeless(models: Sequence[ModelScores], entries: Sequence[Entry]) -> list[str]:
    shown = {entry.model.name for entry in entries}
    return names_line(
        "Not shown (no size)", [model.name for model in models if model.name not in shown]
    )


def _valueless(entries: Sequence[Entry], components: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for component in components:
        unknown = [entry.name for entry in entries if entry.score(component) is None]
        lines += names_line(f"Not shown in {component_label(component)} (no value)", unknown)
    return lines


def _several(entries: Sequence[Entry]) -> bool:
    """Whether any model is there with two retrievers."""
    return len({entry.model.name for entry in entries}) < len(entries)


PLOT = Plot("size_vs_scores", TITLE, draw)
