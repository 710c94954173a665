"""Horizontal charts with one line of text per system, however many systems there are."""

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

#: inches from one row to the next: text of TEXT_SIZE fits with air
ROW_HEIGHT = 0.26
#: inches of title and axis
_AROUND = 1.1
#: from this many rows on, the scale stands above the rows as well as below
_MANY = 30
#: rows of a chart: more would make a picture that nobody can look at
MAX_ROWS = 200


def best_rows(data: PlotData, controls: bool = True) -> tuple[pd.DataFrame, list[str]]:
    """The best systems, best first, then controls; the caption's word on those left out."""
    systems = data.systems if controls else data.systems[~data.systems["control"]]
    rest = len(systems) - MAX_ROWS
    return systems.head(MAX_ROWS), [f"Not shown: the {rest} systems after row {MAX_ROWS}."] * (
        rest > 0
    )


def row_chart(
    labels: Sequence[str], widths: Sequence[float], row_height: float = ROW_HEIGHT
) -> tuple[Figure, list[Axes]]:
    """Panels side by side over the same rows: as tall as the rows, as wide as the longest label.

    Each has a scale from 0 to 1 and a row per label, the first on top.
    """
    widest = max(len(label) for label in labels) * LETTER_WIDTH
    figure = new_figure(widest + sum(widths) + 0.7, _AROUND + row_height * len(labels))
    grid = figure.subplots(1, len(widths), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axes in grid:
        axes.set_xlim(0, 1)
        prepare_rows(axes, labels)
    return figure, list(grid)


def prepare_rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set(ylim=(len(labels) - 0.4, -0.6), ylabel="")
    axes.set_yticks(range(len(labels)), list(labels))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="x", labeltop=len(labels) >= _MANY)


def system_chart(data: PlotData, systems: pd.DataFrame, width: float) -> tuple[Figure, Axes]:
    """One panel with a row per system, contenders parted from controls, and a legend."""
    figure, [axes] = row_chart(system_labels(systems), [width])
    part_controls(axes, systems)
    family_legend(axes, data, systems, width)
    return figure, axes


def part_controls(axes: Axes, systems: pd.DataFrame) -> None:
    """A line between the contenders and the controls below them, where there are both."""
    contenders = int((~systems["control"]).sum())
    if 0 < contenders < len(systems):
        axes.axhline(contenders - 0.5, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=4)


def family_patches(data: PlotData, shown: pd.DataFrame) -> list[Patch]:
    """The colours of the families of models that are shown, where there is more than one."""
    found = {
        one: c for one, c in family_colours(data.systems).items() if one in set(shown["family"])
    }
    many = len(found) > 1
    return [Patch(color=colour, label=short(name)) for name, colour in found.items() if many]


def family_legend(axes: Axes, data: PlotData, shown: pd.DataFrame, width: float) -> None:
    """Colours of families of models above the axes, where there is more than one."""
    legend_above(axes, family_patches(data, shown), width)


def draw_bars(axes: Axes, systems: pd.DataFrame, values: pd.Series[float], data: PlotData) -> None:
    """A bar per system in the colour of its family; those of controls are lighter."""
    frame = pd.DataFrame({"row": systems["system"], "value": values.fillna(0.0)})
    frame["family"] = systems["family"]
    label = axes.get_xlabel()
    sns.barplot(
        data=frame,
        x="value",
        y="row",
        hue="family",
        palette=family_colours(data.systems),
        order=list(frame["row"]),
        width=0.72,
        dodge=False,
        saturation=1,
        errorbar=None,
        legend=False,
        linewidth=0,
        ax=axes,
    )
    controls = set(range(int((~systems["control"]).sum()), len(systems)))
    for bar in axes.patches:
        if round(bar.get_y() + bar.get_height() / 2) in controls:  # type: ignore[attr-defined]
            bar.set_alpha(0.5)
    axes.set_xlabel(label)
    prepare_rows(axes, system_labels(systems))


def stacked_bars(axes: Axes, parts: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """A bar per row of `parts`, cut into its columns."""
    starts = pd.Series(0.0, index=parts.index)
    for name in parts:
        axes.barh(
            range(len(parts)),
            parts[name],
            left=starts,
            height=0.72,
            color=colours[str(name)],
            linewidth=0,
        )
        starts = starts + parts[name]


def write_column(axes: Axes, rows: Sequence[float], texts: Sequence[str]) -> None:
    """A column of texts right of the scale, where nothing can cover them."""
    column = axes.get_yaxis_transform()
    longest = max(texts, key=len, default="")
    for row, text in zip(rows, texts, strict=True):
        cell = axes.text(
            1.02, row, text, transform=column, va="center_baseline", fontsize=TEXT_SIZE
        )
        # the longest text makes the column's room; laying out all of them takes seconds
        cell.set_in_layout(text == longest)


def draw_intervals(axes: Axes, rows: Sequence[float], ends: pd.DataFrame) -> None:
    """A line from `low` to `high` in each row that has them; seen on dark bars as well."""
    found = ends.assign(row=list(rows)).dropna(subset=["low", "high"])
    axes.hlines(found["row"], found["low"], found["high"], color="white", linewidth=2.6, zorder=3)
    axes.hlines(found["row"], found["low"], found["high"], color=INK, linewidth=1.1, zorder=3.1)


def ends_of(data: PlotData, systems: pd.DataFrame, component: str) -> pd.DataFrame:
    """The ends of the intervals of these systems, in their order."""
    found = data.intervals(component).set_index("system")
    return found.reindex(systems["system"]).reset_index(drop=True)
