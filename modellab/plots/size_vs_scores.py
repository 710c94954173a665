"""Every component against the size of the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from modellab.compare.entries import Entry, components_of, ranked
from modellab.plots.labels import (
    component_label,
    origin,
    partial_lines,
    scored_rows,
    source_line,
)
from modellab.plots.placement import Label, place_labels
from modellab.plots.protocol import Plot
from modellab.plots.style import MUTED, frame, legend_above, new_figure, retriever_colours, settle
from modellab.records import ModelScores

TITLE = "Scores by model size"
#: up to this many models each has a label; with more, only the best per retriever
MAX_LABELLED = 12
LABEL_SIZE = 8.0
PANEL_WIDTH = 5.6
#: between the points of two retrievers, as a share of the panel's width
_SIDESTEP = 0.015
_MARKERS: Mapping[str, str] = {"local": "s", "API": "o", "submission": "D", "ensemble": "^"}


def draw(models: Sequence[ModelScores]) -> Figure:
    """A panel per component, the overall score first."""
    components = components_of(models)
    entries = [entry for entry in ranked(models) if _size(entry) is not None]
    if not entries:
        return _empty(models)
    panels = [components[-1], *components[:-1]]
    figure, legend, grid = _figure(len(panels))
    _legend(legend, entries, retriever_colours(models))
    for axes, component in zip(grid, panels, strict=True):
        _scale(axes, entries)
        _points(axes, entries, component, retriever_colours(models))
    frame(figure, TITLE, _caption(models, entries, panels))
    settle(figure)  # labels can be placed only where the layout is final
    for axes, component in zip(grid, panels, strict=True):
        _label_points(axes, entries, component)
    return figure


def _size(entry: Entry) -> float | None:
    """The size that a logarithmic scale can show."""
    size = entry.model.size_b
    return size if size is not None and 0 < size < math.inf else None


def _figure(panels: int) -> tuple[Figure, Axes, list[Axes]]:
    """A figure with a line for the legend, and panels in two columns."""
    columns = min(panels, 2)
    rows = math.ceil(panels / columns)
    figure = new_figure(PANEL_WIDTH * columns, 3.8 * rows + 1.4)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[0.01, *[1.0] * rows])
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    places = [grid[1 + number // columns, number % columns] for number in range(panels)]
    return figure, legend, [figure.add_subplot(place) for place in places]


def _scale(axes: Axes, entries: Sequence[Entry]) -> None:
    sizes = [size for entry in entries if (size := _size(entry)) is not None]
    axes.set_xscale("log")
    axes.set_xlim(min(sizes) / 1.7, max(sizes) * 1.7)
    axes.set_ylim(-0.04, 1.06)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=20))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Size in billions of parameters (log scale)")


def _points(
    axes: Axes, entries: Sequence[Entry], component: str, colours: Mapping[str, str]
) -> None:
    axes.set_title(f"{component_label(component)} ({scored_rows(entries, component)})")
    for x, y, entry in _positions(axes, entries, component):
        colour = colours[entry.summary.retriever]
        marker = _MARKERS[origin(entry.model)]
        axes.plot(x, y, marker, color=colour, markeredgecolor="white", markersize=6.5)


def _positions(
    axes: Axes, entries: Sequence[Entry], component: str
) -> list[tuple[float, float, Entry]]:
    """Where each entry with a score stands; retrievers stand apart, or equal scores would hide."""
    retrievers = sorted({entry.summary.retriever for entry in entries})
    low, high = axes.get_xlim()
    middle = (len(retrievers) - 1) / 2
    steps = {name: _SIDESTEP * (number - middle) for number, name in enumerate(retrievers)}
    return [
        (size * (high / low) ** steps[entry.summary.retriever], score, entry)
        for entry in entries
        if (size := _size(entry)) is not None and (score := entry.score(component)) is not None
    ]


def _label_points(axes: Axes, entries: Sequence[Entry], component: str) -> None:
    positions = _positions(axes, entries, component)
    points = [(x, y) for x, y, _ in positions]
    best = _best(positions, _model if _few(entries) else _retriever)
    labels = [Label(x, y, entry.model.name) for x, y, entry in best]
    place_labels(axes, labels, points, LABEL_SIZE)


def _best(
    positions: Sequence[tuple[float, float, Entry]], group: Callable[[Entry], str]
) -> list[tuple[float, float, Entry]]:
    """The highest point of each group; of equal ones the first, which ranks higher overall."""
    best: dict[str, tuple[float, float, Entry]] = {}
    for position in sorted(positions, key=lambda position: -position[1]):
        best.setdefault(group(position[2]), position)
    return list(best.values())


def _model(entry: Entry) -> str:
    return entry.model.name


def _retriever(entry: Entry) -> str:
    return entry.summary.retriever


def _few(entries: Sequence[Entry]) -> bool:
    return len({entry.model.name for entry in entries}) <= MAX_LABELLED


def _legend(axes: Axes, entries: Sequence[Entry], colours: Mapping[str, str]) -> None:
    shown = {entry.summary.retriever for entry in entries}
    origins = {origin(entry.model) for entry in entries}
    dots = [_mark("o", colours[name], name) for name in colours if name in shown]
    shapes = [_mark(_MARKERS[kind], MUTED, kind) for kind in _MARKERS if kind in origins]
    legend_above(axes, [*shapes, *dots], 2 * PANEL_WIDTH - 1)


def _mark(marker: str, colour: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=colour, label=label, markersize=7)


def _caption(
    models: Sequence[ModelScores], entries: Sequence[Entry], components: Sequence[str]
) -> list[str]:
    labelled = (
        "each model, at its best score" if _few(entries) else "the best model of each retriever"
    )
    return [
        source_line(models),
        f"Labelled in each panel: {labelled}. Retrievers stand a little apart sideways.",
        *partial_lines(entries),
        *_left_out(models, entries, components),
    ]


def _left_out(
    models: Sequence[ModelScores], entries: Sequence[Entry], components: Sequence[str]
) -> list[str]:
    shown = {entry.model.name for entry in entries}
    sizeless = [model.name for model in models if model.name not in shown]
    lines = [f"Not shown (no size): {', '.join(sizeless)}."] if sizeless else []
    for component in components:
        unknown = [entry.name for entry in entries if entry.score(component) is None]
        if unknown:
            where = component_label(component)
            lines.append(f"Not shown in {where} (no value): {', '.join(unknown)}.")
    return lines


def _empty(models: Sequence[ModelScores]) -> Figure:
    """A figure that says why there is nothing to see."""
    figure = new_figure(8, 2.4)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No model has a size (size_b), so there is nothing to show.", ha="center")
    frame(figure, TITLE, [source_line(models), *_left_out(models, [], [])])
    return figure


PLOT = Plot("size_vs_scores", TITLE, draw)
