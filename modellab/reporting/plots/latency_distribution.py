"""How long answers take: not only on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from modellab.core.efficiency import UNTIMED
from modellab.evaluation.compare.entries import Entry, entry_name
from modellab.reporting.plots.cells import Numbers
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import entry_label, names_line, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import concurrency_lines, load_lines
from modellab.reporting.plots.rows import (
    best_rows,
    prepare_rows,
    retriever_legend,
    row_caption,
    row_figure,
    write_column,
)
from modellab.reporting.plots.style import INK, frame, retriever_colours

TITLE = "Distribution of latency"
PANEL_WIDTH = 6.0
#: ends of the line, ends of the box, the mark in it, and the mark of the slow ones
_PERCENTILES = (5, 25, 50, 75, 95)
#: times the fastest that the slowest must be for a logarithmic scale
_SPREAD = 30


def draw(data: PlotData) -> Figure:
    """A box per system, the fastest median on top, with p50 and p95 beside it."""
    entries, left_out = best_rows(data.models)
    found = _percentiles(data)
    timed = sorted(
        (e for e in entries if e.name in found), key=lambda entry: float(found[entry.name][2])
    )
    if not timed:
        raise NothingToShow("No answer has a latency, so there is nothing to show.")
    labels = [entry_label(entry) for entry in timed]
    figure = row_figure(labels, [PANEL_WIDTH + 1.2])
    axes = figure.subplots()
    prepare_rows(axes, labels)
    _scale(axes, [found[entry.name] for entry in timed])
    _boxes(axes, timed, found, retriever_colours(data.models))
    texts = [f"{_seconds(found[e.name][2])} / {_seconds(found[e.name][4])}" for e in timed]
    write_column(axes, range(len(timed)), texts)
    retriever_legend(axes, retriever_colours(data.models), PANEL_WIDTH)
    caption = [
        *row_caption(data.models, timed, left_out),
        "Line: 5th to 95th percentile; box: middle half; white mark: median. Right: p50 / p95. "
        "Seconds from request to answer (of a whole batch where there is one), without waiting and "
        "without failed requests: how long one waits, not how many answers a second come.",
        *concurrency_lines(timed),
        *load_lines(timed, entries),
        *names_line(
            "Not shown (no latency)",
            system_names([e for e in entries if e.name not in found], entries),
        ),
    ]
    frame(figure, TITLE, caption)
    return figure


def _percentiles(data: PlotData) -> dict[str, Numbers]:
    """By system; systems without a latency are not in it."""
    found: dict[str, Numbers] = {}
    for model in data.models:
        seconds: dict[str, list[float]] = {}
        for row in data.predictions.get(model.name, ()):
            if row["latency_seconds"] is not None and row["status"] not in UNTIMED:
                seconds.setdefault(row["retriever"], []).append(row["latency_seconds"])
        for retriever, numbers in seconds.items():
            found[entry_name(model.name, retriever)] = np.percentile(numbers, _PERCENTILES)
    return found


def _scale(axes: Axes, rows: Sequence[Numbers]) -> None:
    low, high = min(float(row[0]) for row in rows), max(float(row[4]) for row in rows)
    axes.set_xlabel("Seconds from request to answer")
    if low <= 0 or high / low < _SPREAD:
        axes.set_xlim(0, 1.03 * high or 1.0)
        return
    axes.set_xscale("log")
    axes.set_xlim(low / 1.2, high * 1.2)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Seconds from request to answer (log scale)")


def _boxes(
    axes: Axes, entries: Sequence[Entry], found: Mapping[str, Numbers], colours: Mapping[str, str]
) -> None:
    for place, entry in enumerate(entries):
        p5, p25, p50, p75, p95 = (float(number) for number in found[entry.name])
        colour = colours[entry.summary.retriever]
        axes.hlines(place, p5, p95, color=colour, linewidth=1.4)
        axes.barh(place, p75 - p25, left=p25, height=0.56, color=colour, zorder=2)
        axes.vlines(p50, place - 0.28, place + 0.28, color="white", linewidth=2.0, zorder=3)
        axes.plot(p95, place, "|", color=INK, markersize=7, zorder=3)


def _seconds(value: float) -> str:
    """With its unit: a plain number of two or three digits."""
    number, unit = (1000 * value, "ms") if value < 0.1 else (value, "s")
    return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"


PLOT = Plot("latency_distribution", TITLE, draw)
