"""Horizontal charts with one line of text per row, however many rows there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import Entry, ranked, standings
from modellab.reporting.plots.intervals import Interval
from modellab.reporting.plots.labels import (
    control_lines,
    coverage_lines,
    score_text,
    short,
    shortened_line,
    source_line,
)
from modellab.reporting.plots.style import (
    INK,
    LETTER_WIDTH,
    ROW_HEIGHT,
    TEXT_SIZE,
    legend_above,
    new_figure,
)

#: inches of title, legend, axis and caption
_AROUND = 1.9
#: from this many rows on, the scale stands above the rows as well as below
_MANY = 30
#: rows of a chart: more would make a picture that nobody can look at
MAX_ROWS = 200


def best_rows(
    models: Sequence[ModelScores], limit: int = MAX_ROWS, controls: bool = True
) -> tuple[list[Entry], list[str]]:
    """The best systems, best first, then controls; the caption's word on those left out."""
    entries = ranked(models) if controls else standings(models).contenders
    rest = len(entries) - limit
    if rest <= 0:
        return entries, []
    return entries[:limit], [f"Not shown: the {rest} systems after row {limit}."]


def row_caption(
    models: Sequence[ModelScores], entries: Sequence[Entry], left_out: Sequence[str]
) -> list[str]:
    """What the caption of every chart with a row per system says."""
    return [
        source_line(models),
        *shortened_line([model.name for model in models]),
        *coverage_lines(entries),
        *control_lines(entries),
        *left_out,
    ]


def retriever_legend(axes: Axes, colours: Mapping[str, str], width: float) -> None:
    """Colours of retrievers above the axes, where there is more than one."""
    if len(colours) > 1:
        patches = [Patch(color=colour, label=short(name)) for name, colour in colours.items()]
        legend_above(axes, patches, width)


def row_figure(
    labels: Sequence[str], panel_widths: Sequence[float], row_height: float = ROW_HEIGHT
) -> Figure:
    """A figure that is as tall as its rows and as wide as its longest label and its panels."""
    widest = max(len(label) for label in labels) * LETTER_WIDTH
    height = _AROUND + row_height * len(labels)
    return new_figure(widest + sum(panel_widths) + 0.7, height)


def prepare_rows(axes: Axes, labels: Sequence[str], high: float = 1.0) -> None:
    """A scale from 0 to `high`, and a named row per label, the first on top."""
    axes.set_xlim(0, high)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), labels)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="x", labeltop=len(labels) >= _MANY)


def part_controls(axes: Axes, entries: Sequence[Entry]) -> None:
    """A line between the contenders and the controls below them, where there are both."""
    first = next((row for row, entry in enumerate(entries) if entry.control), 0)
    if first:
        axes.axhline(first - 0.5, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=4)


def draw_bars(
    axes: Axes,
    rows: Sequence[float],
    scores: Sequence[float | None],
    height: float,
    colour: str | Sequence[str],
) -> None:
    """Bars, and their values in a column right of the scale where nothing can cover them."""
    axes.barh(rows, [score or 0.0 for score in scores], height=height, color=colour)
    write_column(axes, rows, [score_text(score) for score in scores])


def write_column(
    axes: Axes, rows: Sequence[float], texts: Sequence[str], place: float = 1.02
) -> None:
    """A column of texts right of the scale; `place` in widths of the axes."""
    column = axes.get_yaxis_transform()
    longest = max(texts, key=len, default="")
    for row, text in zip(rows, texts, strict=True):
        cell = axes.text(
            place, row, text, transform=column, va="center_baseline", fontsize=TEXT_SIZE
        )
        # the longest text makes the column's room; laying out all of them takes seconds
        cell.set_in_layout(text == longest)


def draw_intervals(axes: Axes, rows: Sequence[float], intervals: Sequence[Interval | None]) -> None:
    """A line from the low to the high end of each row that has one; seen on dark bars as well."""
    found = [(row, *line) for row, line in zip(rows, intervals, strict=True) if line is not None]
    if found:
        places, low, high = zip(*found, strict=True)
        axes.hlines(places, low, high, color="white", linewidth=2.6, zorder=3)
        axes.hlines(places, low, high, color=INK, linewidth=1.1, zorder=3.1)
