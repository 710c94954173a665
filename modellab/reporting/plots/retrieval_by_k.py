"""How well retrievers find, by how many of their results are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.intervals import Interval, band_line, interval_of
from modellab.reporting.plots.labels import component_label, names_line, short, source_line
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.style import (
    distinct,
    frame,
    legend_above,
    new_figure,
    retriever_colours,
)

TITLE = "Retrieval by depth"
_WIDTH, _HEIGHT = 3.3, 2.7
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))
#: value, and the ends of its interval where it has one
Point = tuple[float, Interval | None]
#: by level, metric and retriever: points by depth
Curves = dict[str, dict[str, dict[str, dict[int, Point]]]]


def draw(data: PlotData) -> Figure:
    """A row of panels per level, a panel per metric, a line per retriever."""
    rows = data.table("retrieval")
    curves = _curves(rows)
    if not curves:
        raise NothingToShow("No retriever has a metric by depth, so there is nothing to show.")
    metrics = list(dict.fromkeys(name for found in curves.values() for name in found))
    names = list(dict.fromkeys(row["retriever"] for row in rows))
    colours = _colours(data, names)
    figure = new_figure(max(_WIDTH * len(metrics), 6.4), _HEIGHT * len(curves) + 1.8)
    grid = figure.subplots(len(curves), len(metrics), squeeze=False, sharey=True)
    for line, (level, found) in zip(grid, curves.items(), strict=True):
        for axes, metric in zip(line, metrics, strict=True):
            _panel(axes, found.get(metric, {}), colours)
            axes.set_title(f"{component_label(metric)}, by {level}", fontsize=9)
    handles = [_handle(name, colours[name], place) for place, name in enumerate(names)]
    legend_above(grid[0][0], handles, max(_WIDTH * len(metrics), 6.4) - 1, lift=1.8)
    caption = [
        source_line(data.models),
        f"Questions behind each point: {_counts(rows)}.",
        *band_line(rows),
        *_bare(rows, curves),
    ]
    frame(figure, TITLE, caption)
    return figure


def _curves(rows: Sequence[Row]) -> Curves:
    found: Curves = {}
    for row in rows:
        metric, _, depth = row["metric"].partition("@")
        if depth.isdigit() and row["value"]:
            lines = found.setdefault(row["level"], {}).setdefault(metric, {})
            point = float(row["value"]), interval_of(row)
            lines.setdefault(row["retriever"], {})[int(depth)] = point
    return found


def _colours(data: PlotData, names: Sequence[str]) -> dict[str, str]:
    """Those of the other plots; retrievers that no model reads get further ones."""
    known = retriever_colours(data.models)
    others = [name for name in names if name not in known]
    return {
        **known,
        **dict(zip(others, distinct(len(known) + len(others))[len(known) :], strict=True)),
    }


def _panel(
    axes: Axes, lines: Mapping[str, Mapping[int, Point]], colours: Mapping[str, str]
) -> None:
    depths = sorted({depth for line in lines.values() for depth in line})
    for place, (name, line) in enumerate(lines.items()):
        known = [depth for depth in depths if depth in line]
        places, values = [depths.index(depth) for depth in known], [line[d][0] for d in known]
        axes.plot(places, values, **_look(colours[name], place), clip_on=False)
        _band(axes, [(at, line[d][1]) for at, d in zip(places, known, strict=True)], colours[name])
    axes.set_xticks(range(len(depths)), [str(depth) for depth in depths])
    axes.set(ylim=(0, 1), xlabel="k (first results)")


def _band(axes: Axes, ends: Sequence[tuple[int, Interval | None]], colour: str) -> None:
    known = [(place, found) for place, found in ends if found]
    if known:
        places, lows, highs = zip(*((at, one.low, one.high) for at, one in known), strict=True)
        axes.fill_between(places, lows, highs, color=colour, alpha=0.13, linewidth=0)


def _look(colour: str, place: int) -> dict[str, Any]:
    """Dashes beside colours, so that lines on one another are both seen."""
    dash = _DASHES[place % len(_DASHES)]
    return {"color": colour, "linestyle": dash, "marker": "o", "markersize": 4, "linewidth": 1.6}


def _handle(name: str, colour: str, place: int) -> Line2D:
    return Line2D([], [], label=short(name), **_look(colour, place))


def _counts(rows: Sequence[Row]) -> str:
    counts = [int(row["n_scored"]) for row in rows if "@" in row["metric"] and row["value"]]
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _bare(rows: Sequence[Row], curves: Curves) -> list[str]:
    drawn = {name for found in curves.values() for lines in found.values() for name in lines}
    bare = sorted({row["retriever"] for row in rows} - drawn)
    other = sorted({row["metric"] for row in rows if "@" not in row["metric"]}, key=str)
    return [
        *names_line("Not shown (no value)", bare),
        *names_line(
            "Not shown, since they have no depth", [name.replace("_", " ") for name in other]
        ),
    ]


PLOT = Plot("retrieval_by_k", TITLE, draw)
