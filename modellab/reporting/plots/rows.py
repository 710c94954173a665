"""Horizontal charts with one line of text per system, for any number of systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.style import (
    INK,
    LETTER_WIDTH,
    TEXT_SIZE,
    family_colours,
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


def best_rows(data: PlotData, controls: bool = True) -> tuple[pd.DataFrame, list[str]]:
    """The best systems, then the controls, and the caption's line about those left out."""
    systems = data.systems if controls else data.systems[~data.systems["control"]]
    return systems.head(MAX_ROWS), beyond(len(systems), "systems")


def beyond(number: int, what: str, most: int = MAX_ROWS) -> list[str]:
    """The caption's line about rows that a picture has no room for, if there are any."""
    rest = number - most
    return [f"Not shown: the {rest} {what} after row {most}."] if rest > 0 else []


def row_chart(labels: Sequence[str], widths: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Panels side by side over the same rows, the first label on top, with scales from 0 to 1.

    As tall as the rows need; `widths` of the panels are in inches, without the labels.
    """
    widest = max(len(label) for label in labels) * LETTER_WIDTH
    figure = new_figure(widest + sum(widths) + 0.7, _AROUND + ROW_HEIGHT * len(labels))
    grid = figure.subplots(1, len(widths), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axes in grid:
        axes.set_xlim(0, 1)
        label_rows(axes, labels)
    return figure, list(grid)


def label_rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set(ylim=(len(labels) - 0.4, -0.6), ylabel="")
    axes.set_yticks(range(len(labels)), list(labels))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="x", labeltop=len(labels) >= _MANY)


def system_chart(data: PlotData, systems: pd.DataFrame, width: float) -> tuple[Figure, Axes]:
    """One panel with a row per system, a line above the controls, and a legend of families."""
    figure, [axes] = row_chart(system_labels(systems), [width])
    separate_controls(axes, systems)
    legend_above(axes, family_patches(data, systems), width)
    return figure, axes


def separate_controls(axes: Axes, systems: pd.DataFrame) -> None:
    """A line between the contenders and the controls below them."""
    contenders = int((~systems["control"]).sum())
    if 0 < contenders < len(systems):
        axes.axhline(contenders - 0.5, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=4)


def family_patches(data: PlotData, shown: pd.DataFrame) -> list[Patch]:
    """The colours of the families that are shown; none for a single family."""
    named = set(shown["family"])
    found = {name: c for name, c in family_colours(data.systems).items() if name in named}
    return [Patch(color=c, label=short(name)) for name, c in found.items() if len(found) > 1]


def draw_bars(axes: Axes, systems: pd.DataFrame, values: pd.Series[float], data: PlotData) -> None:
    """A bar per system in the colour of its family; those of controls are lighter."""
    label = axes.get_xlabel()
    sns.barplot(
        x=values.fillna(0.0).to_numpy(),
        y=systems["system"].to_numpy(),
        hue=systems["family"].to_numpy(),
        palette=family_colours(data.systems),
        order=list(systems["system"]),
        width=BAR_HEIGHT,
        dodge=False,
        saturation=1,
        errorbar=None,
        legend=False,
        linewidth=0,
        ax=axes,
    )
    first_control = int((~systems["control"]).sum())
    for bar in axes.patches:
        if bar.get_y() > first_control - 0.5:  # type: ignore[attr-defined]
            bar.set_alpha(0.5)
    axes.set_xlabel(label)
    label_rows(axes, system_labels(systems))


def stacked_bars(
    axes: Axes, parts: pd.DataFrame, looks: Mapping[str, tuple[str, str]]
) -> dict[str, Patch]:
    """A bar per row, made of the columns that have a look (label, colour); returns the legend."""
    starts = parts.cumsum(axis=1) - parts
    for name, (_, colour) in looks.items():
        rows, left = range(len(parts)), starts[name]
        axes.barh(rows, parts[name], BAR_HEIGHT, left, color=colour, linewidth=0)
    return {name: Patch(color=colour, label=label) for name, (label, colour) in looks.items()}


def write_column(axes: Axes, texts: Sequence[str]) -> None:
    """A text per row, right of the scale."""
    place = axes.get_yaxis_transform()
    longest = max(texts, key=len, default="")
    for row, text in enumerate(texts):
        cell = axes.text(1.02, row, text, transform=place, va="center_baseline", fontsize=TEXT_SIZE)
        # the longest text makes the column's room; laying out all of them takes seconds
        cell.set_in_layout(text == longest)


def draw_intervals(axes: Axes, ends: pd.DataFrame) -> None:
    """A line from `low` to `high` in each row that has them, with a light edge for dark bars."""
    found = ends.reset_index(drop=True).dropna(subset=["low", "high"])
    for colour, width in (("white", 2.6), (INK, 1.1)):
        axes.hlines(found.index, found["low"], found["high"], color=colour, lw=width, zorder=3)
