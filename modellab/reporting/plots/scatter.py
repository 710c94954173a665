"""Charts with a point per system: markers, scales, legend and labels that they share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.intervals import Interval
from modellab.reporting.plots.labels import (
    origin,
    partial_lines,
    short,
    shortened_line,
    source_line,
)
from modellab.reporting.plots.placement import Label, place_labels
from modellab.reporting.plots.style import (
    MUTED,
    frame,
    legend_above,
    new_figure,
    retriever_colours,
    settle,
)

#: up to this many models each has a label
MAX_LABELLED = 12
#: of more models, so many have one
MOST_LABELLED = 6
LABEL_SIZE = 8.0
PANEL_WIDTH = 5.6
_WIDE = 9.0
#: inches of the strip of what stands apart
_STRIP = 2.2
MARKER_SIZE = 6.5
#: a scale is logarithmic where its largest value is more than so many times its smallest
_SPREAD = 30.0
#: between the points of two retrievers, as a share of the panel's width
_SIDESTEP = 0.015
_MARKERS: Mapping[str, str] = {"local": "s", "API": "o", "submission": "D", "ensemble": "^"}


@dataclass(frozen=True)
class Point:
    """A system in the axes' own scales; `range` is drawn as an upright line, `size` in points."""

    entry: Entry
    x: float
    y: float
    range: Interval | None = None
    size: float = MARKER_SIZE


@dataclass(frozen=True)
class Chart:
    """One panel with one point per system, and the words around it."""

    title: str
    x_label: str
    y_label: str
    points: Sequence[Point]
    caption: Sequence[str]
    log_x: bool = False
    #: y is a score from 0 to 1; else it is a quantity that begins at 0
    scores: bool = False
    #: systems whose x is not known, which is not 0: a strip of their own beside the axis, named so
    apart: Sequence[Point] = ()
    apart_label: str = ""


def draw_chart(models: Sequence[ModelScores], chart: Chart) -> Figure:
    """The figure of one chart, with the best systems labelled."""
    figure, legend, axes, strip = _panels(bool(chart.apart))
    colours = retriever_colours(models)
    entries = [point.entry for point in (*chart.points, *chart.apart)]
    draw_legend(legend, entries, colours, _WIDE - 1)
    points = chart.points
    if chart.log_x:
        log_scale(axes, [point.x for point in points])
        points = apart(axes, points)
    else:
        quantity_scale(axes, "x", [point.x for point in points])
    if chart.scores:
        axes.set_ylim(-0.04, 1.06)
    else:
        ends = [end for point in points if point.range for end in point.range]
        quantity_scale(axes, "y", [*(point.y for point in points), *ends])
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    draw_points(axes, points, colours)
    apart_points = _side_by_side(chart.apart) if chart.apart else []
    if strip is not None:
        _prepare_strip(strip, axes, chart)
        draw_points(strip, apart_points, colours)
    frame(figure, chart.title, _caption(models, chart))
    settle(figure)  # labels can be placed only where the layout is final
    label_points(axes, points, best_is_high=chart.scores)
    if strip is not None:
        label_points(strip, apart_points, best_is_high=chart.scores)
    return figure


def _panels(with_strip: bool) -> tuple[Figure, Axes, Axes, Axes | None]:
    """The figure, a line for the legend, the panel, and left of it a strip where one is wanted."""
    if not with_strip:
        figure, legend, [axes] = scatter_figure(1, _WIDE, 5.2)
        return figure, legend, axes, None
    figure = new_figure(_WIDE + _STRIP, 6.6)
    grid = figure.add_gridspec(2, 2, height_ratios=[0.01, 1.0], width_ratios=[_STRIP, _WIDE])
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    return figure, legend, figure.add_subplot(grid[1, 1]), figure.add_subplot(grid[1, 0])


def _side_by_side(points: Sequence[Point]) -> list[Point]:
    """The points of a strip, from -1 to 1, those of each retriever in a line of their own."""
    names = sorted({point.entry.summary.retriever for point in points})
    step = min(0.3, 1.2 / len(names))
    middle = (len(names) - 1) / 2
    lines = {name: step * (number - middle) for number, name in enumerate(names)}
    return [replace(point, x=lines[point.entry.summary.retriever]) for point in points]


def _prepare_strip(strip: Axes, axes: Axes, chart: Chart) -> None:
    """The same upright scale as the panel's, and no scale along."""
    strip.set_yscale(axes.get_yscale())
    strip.set_ylim(axes.get_ylim())
    strip.set_ylabel(axes.get_ylabel())
    strip.set_xlim(-1.0, 1.0)
    strip.set_xticks([])
    strip.set_xlabel(chart.apart_label)
    axes.set_ylabel("")
    axes.tick_params(axis="y", labelleft=False)


def _caption(models: Sequence[ModelScores], chart: Chart) -> list[str]:
    entries = [point.entry for point in (*chart.points, *chart.apart)]
    names = [entry.model.name for entry in entries]
    return [
        source_line(models),
        *labelled_lines(entries, best_is_high=chart.scores),
        *partial_lines(entries),
        *shortened_line(names),
        *chart.caption,
    ]


def labelled_lines(entries: Sequence[Entry], best_is_high: bool = True) -> list[str]:
    """Which points have a label, and that retrievers stand apart where there are several."""
    place = "best score" if best_is_high else "lowest point"
    few = len({entry.model.name for entry in entries}) <= MAX_LABELLED
    best = f"the {MOST_LABELLED} {'best' if best_is_high else 'lowest'} models"
    hollow = any(entry.control for entry in entries)
    return [
        f"Labelled: {f'each model at its {place}' if few else best}"
        f"{' as a contender. Hollow: controls, not ranked.' if hollow else '.'}"
    ]


def scatter_figure(
    panels: int, width: float = PANEL_WIDTH, height: float = 3.8
) -> tuple[Figure, Axes, list[Axes]]:
    """A figure with a line for the legend, and panels in two columns."""
    columns = min(panels, 2)
    rows = math.ceil(panels / columns)
    figure = new_figure(width * columns, height * rows + 1.4)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[0.01, *[1.0] * rows])
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    places = [grid[1 + number // columns, number % columns] for number in range(panels)]
    return figure, legend, [figure.add_subplot(place) for place in places]


def size_of(entry: Entry) -> float | None:
    """Billions of parameters, where there is a size that a logarithmic scale can show."""
    size = entry.model.size_b
    return size if size is not None and 0 < size < math.inf else None


SIZE_LABEL = "Size in billions of parameters (log scale)"


def log_scale(axes: Axes, values: Sequence[float]) -> None:
    """A logarithmic x axis around these values (all above 0), with plain numbers at 1, 2 and 5."""
    axes.set_xscale("log")
    low, high = min(values), max(values)
    room = max(1.7, (high / low) ** 0.06)
    axes.set_xlim(low / room, high * room)
    decades = math.log10(high / low)
    axes.xaxis.set_major_locator(
        LogLocator(subs=(1.0, 2.0, 5.0) if decades < 3 else (1.0,), numticks=20)
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def quantity_scale(axes: Axes, axis: str, values: Sequence[float]) -> None:
    """A scale from 0 on; where values differ a lot, logarithmic above the smallest of them."""
    positive = [value for value in values if value > 0]
    top, setting = max(positive, default=1.0), getattr(axes, f"set_{axis}lim")
    if positive and top / min(positive) > _SPREAD:
        # a power of ten: no mark of the scale then lies between 0 and the first
        smallest = 10.0 ** math.floor(math.log10(min(positive)))
        getattr(axes, f"set_{axis}scale")("symlog", linthresh=smallest, linscale=0.4)
        setting(-0.4 * smallest, top * 1.8)
        lines = axes.xaxis if axis == "x" else axes.yaxis
        lines.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        return
    setting(-0.04 * top, 1.08 * top)


def apart(axes: Axes, points: Sequence[Point]) -> list[Point]:
    """The points, those of one retriever a little beside those of another, on a log scale."""
    retrievers = sorted({point.entry.summary.retriever for point in points})
    low, high = axes.get_xlim()
    middle = (len(retrievers) - 1) / 2
    steps = {name: _SIDESTEP * (number - middle) for number, name in enumerate(retrievers)}
    return [
        replace(point, x=point.x * (high / low) ** steps[point.entry.summary.retriever])
        for point in points
    ]


def draw_points(axes: Axes, points: Sequence[Point], colours: Mapping[str, str]) -> None:
    """Markers by origin, colours by retriever; larger markers below smaller ones."""
    for point in sorted(points, key=lambda point: -point.size):
        colour = colours[point.entry.summary.retriever]
        if point.range is not None:
            axes.vlines(point.x, *point.range, color=colour, linewidth=0.8, alpha=0.45, zorder=1)
        axes.plot(
            point.x,
            point.y,
            _MARKERS[origin(point.entry.model)],
            color=colour,
            markerfacecolor="white" if point.entry.control else colour,
            markeredgecolor=colour if point.entry.control else "white",
            markersize=point.size,
            alpha=1.0 if point.size == MARKER_SIZE else 0.75,
        )


def label_points(axes: Axes, points: Sequence[Point], best_is_high: bool = True) -> None:
    """A label for each model at its best point as a contender; of many models, for the best."""
    sign = -1 if best_is_high else 1
    best: dict[str, Point] = {}
    for point in sorted(points, key=lambda point: (point.entry.control, sign * point.y)):
        best.setdefault(point.entry.model.name, point)
    chosen = list(best.values())
    if len(chosen) > MAX_LABELLED:
        chosen = chosen[:MOST_LABELLED]
    labels = [Label(point.x, point.y, short(point.entry.model.name)) for point in chosen]
    reaches = [0.6 * point.size for point in points]
    place_labels(axes, labels, [(point.x, point.y) for point in points], LABEL_SIZE, reaches)


def draw_legend(
    axes: Axes, entries: Sequence[Entry], colours: Mapping[str, str], width: float
) -> None:
    """Shapes for origins, colours for retrievers; only those that are shown."""
    shown = {entry.summary.retriever for entry in entries}
    origins = {origin(entry.model) for entry in entries}
    dots = [_mark("o", colours[name], short(name)) for name in colours if name in shown]
    shapes = [_mark(_MARKERS[kind], MUTED, kind) for kind in _MARKERS if kind in origins]
    legend_above(axes, [*shapes, *dots], width)


def _mark(marker: str, colour: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=colour, label=label, markersize=7)
