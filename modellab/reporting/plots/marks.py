"""The marks that plots share: charts with a row per system, and coloured cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.style import (
    INK,
    LETTER_WIDTH,
    PALETTE,
    TEXT_SIZE,
    legend_above,
    new_figure,
)
from modellab.reporting.plots.words import short, system_labels

#: inches from one row to the next, and of title and axis
ROW_HEIGHT, _AROUND = 0.26, 1.1
#: from this number of rows on, the scale is above the rows as well as below
_MANY = 30
#: rows of a chart; the picture of more would be too tall to look at
MAX_ROWS = 200
BAR_HEIGHT = 0.72
#: inches of a chart of stacked bars, without the labels
STACK_WIDTH = 6.0
#: cells with texts; more would be unreadable, and slow
MAX_WRITTEN = 1000
#: with fewer columns there are always texts: a row is a line of text
_FEW = 25
_NO_VALUE = "#d4d4d4"
#: cells of a higher relative luminance have dark text: the contrast is above 4.5 either way
_LIGHT = 0.18


def best_rows(data: PlotData) -> pd.DataFrame:
    """The systems that a chart has room for: the best, then the controls."""
    return data.systems.head(MAX_ROWS)


def beyond(number: int, what: str = "systems", most: int = MAX_ROWS) -> str:
    """The caption's line about rows that a picture has no room for, if there are any."""
    return f"Not shown: the {number - most} {what} after row {most}." if number > most else ""


def row_chart(labels: Sequence[str], widths: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Panels side by side over the same rows, the first label on top, with scales from 0 to 1.

    As tall as the rows need; `widths` of the panels are in inches, without the labels.
    """
    widest = max(len(label) for label in labels) * LETTER_WIDTH
    figure = new_figure(widest + sum(widths) + 0.7, _AROUND + ROW_HEIGHT * len(labels))
    grid = figure.subplots(1, len(widths), sharey=True, squeeze=False, width_ratios=widths)[0]
    label_rows(grid[0], labels)
    for axes in grid:
        axes.set_xlim(0, 1)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="x", labeltop=len(labels) >= _MANY)
    return figure, list(grid)


def label_rows(axes: Axes, labels: Sequence[str]) -> None:
    """A label per row, the first on top."""
    axes.set(ylim=(len(labels) - 0.4, -0.6), ylabel="")
    axes.set_yticks(range(len(labels)), list(labels))


def system_chart(systems: pd.DataFrame, width: float) -> tuple[Figure, Axes]:
    """One panel with a row per system, a line above the controls, and a legend of families."""
    figure, [axes] = row_chart(system_labels(systems), [width])
    separate_controls(axes, systems)
    legend_above(axes, family_patches(systems), width)
    return figure, axes


def separate_controls(axes: Axes, systems: pd.DataFrame) -> None:
    """A line between the contenders and the controls below them."""
    contenders = int((~systems["control"]).sum())
    if 0 < contenders < len(systems):
        axes.axhline(contenders - 0.5, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=4)


def family_patches(shown: pd.DataFrame) -> list[Patch]:
    """The colours of the families that are shown; none for a single family."""
    found = shown.drop_duplicates("family").sort_values("family")
    found = found.sort_values("family", key=lambda names: names == "other", kind="stable")
    pairs = zip(found["family"], found["colour"], strict=True)
    return [Patch(color=colour, label=short(name)) for name, colour in pairs if len(found) > 1]


def draw_bars(axes: Axes, systems: pd.DataFrame, values: pd.Series[float]) -> None:
    """A bar per system in the colour of its family; those of controls are lighter."""
    looks = zip(systems["colour"], systems["control"], strict=True)
    colours = [to_rgba(colour, 0.5 if control else 1.0) for colour, control in looks]
    axes.barh(range(len(systems)), values.fillna(0.0), BAR_HEIGHT, color=colours, linewidth=0)


def stacked_chart(
    labels: Sequence[str], parts: pd.DataFrame, looks: Mapping[str, tuple[str, str]]
) -> tuple[Figure, Axes, list[Artist]]:
    """A bar per row, made of the columns that have a look (label, colour).

    Also returns the legend of the columns that are not 0 everywhere.
    """
    figure, [axes] = row_chart(labels, [STACK_WIDTH])
    starts = parts.cumsum(axis=1) - parts
    for name, (_, colour) in looks.items():
        rows, left = range(len(parts)), starts[name]
        axes.barh(rows, parts[name], BAR_HEIGHT, left, color=colour, linewidth=0)
    shown = [look for name, look in looks.items() if parts[name].any()]
    return figure, axes, [Patch(color=colour, label=label) for label, colour in shown]


def draw_points(axes: Axes, values: pd.Series[float], marker: str, label: str) -> list[Artist]:
    """A point in each row that has a value; returns its entry in the legend."""
    if values.isna().all():
        return []
    edge = None if marker == "x" else "white"
    axes.scatter(values, range(len(values)), 33, INK, marker=marker, edgecolors=edge, zorder=4)
    return [Line2D([], [], linestyle="", color=INK, marker=marker, markersize=6, label=label)]


def write_column(axes: Axes, texts: Iterable[str]) -> None:
    """A text per row, right of the scale."""
    place, every = axes.get_yaxis_transform(), list(texts)
    longest = max(every, key=len, default="")
    for row, text in enumerate(every):
        cell = axes.text(1.02, row, text, transform=place, va="center_baseline", fontsize=TEXT_SIZE)
        # the longest text makes the column's room; laying out all of them takes seconds
        cell.set_in_layout(text == longest)


def draw_intervals(axes: Axes, ends: pd.DataFrame) -> None:
    """A line from `low` to `high` in each row that has them, with a light edge for dark bars."""
    found = ends.reset_index(drop=True).dropna(subset=["low", "high"])
    for colour, width in (("white", 2.6), (INK, 1.1)):
        axes.hlines(found.index, found["low"], found["high"], color=colour, lw=width, zorder=3)


def draw_cells(
    axes: Axes,
    values: pd.DataFrame,
    texts: pd.DataFrame,
    names: tuple[Sequence[str], Sequence[str]],
    limits: tuple[float, float] = (0.0, 1.0),
    upright: bool = True,
) -> None:
    """A cell per value, the first row on top; grey without a value.

    Args:
        axes: to draw on.
        values: numbers that are coloured light to dark blue, or orange to purple if `limits`
            start below 0.
        texts: what to write in the cells, if there are not too many.
        names: labels of the rows, and of the columns above them.
        limits: the values of the first and last colour.
        upright: whether the labels of the columns are rotated.
    """
    import seaborn as sns
    from seaborn.utils import relative_luminance

    axes.set_facecolor(_NO_VALUE)
    axes.grid(visible=False)
    sns.heatmap(
        values.astype(float),
        vmin=limits[0],
        vmax=limits[1],
        cmap="PuOr" if limits[0] < 0 else sns.light_palette(PALETTE[0], as_cmap=True),
        annot=texts.to_numpy() if values.shape[1] < _FEW or values.size <= MAX_WRITTEN else False,
        fmt="",
        annot_kws={"fontsize": 8.0},
        linewidths=0.8,
        cbar=False,
        ax=axes,
    )
    cells = axes.collections[0]
    cells.update_scalarmappable()
    colours = cells.get_facecolors().reshape(*values.shape, 4)  # type: ignore[attr-defined]
    for text in axes.texts:
        column, row = (int(place) for place in text.get_position())
        text.set_color(INK if relative_luminance(colours[row, column]) > _LIGHT else "white")
        text.set_in_layout(False)
    rows, columns = ([place + 0.5 for place in range(len(labels))] for labels in names)
    axes.set_yticks(rows, list(names[0]), rotation=0)
    axes.set_xticks(columns, list(names[1]), rotation=90 if upright else 0)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(axis="x", labeltop=True, labelbottom=False, bottom=False, top=False, pad=2)
    axes.tick_params(axis="y", left=False)


def percents(values: pd.DataFrame) -> pd.DataFrame:
    """Shares as texts in percent, empty without a value."""
    return values.map(lambda value: "" if pd.isna(value) else f"{100 * value:.0f}")
