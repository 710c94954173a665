"""Heat maps: coloured cells with a text in each."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from seaborn.utils import relative_luminance

from modellab.reporting.plots.style import INK

#: cells with texts; more would be unreadable, and slow
MAX_WRITTEN = 1000
#: with fewer columns there are always texts: a row is a line of text
_FEW = 25
_NO_VALUE = "#d4d4d4"
#: cells of a higher relative luminance have dark text: the contrast is above 4.5 either way
_LIGHT = 0.18


def draw_cells(
    axes: Axes,
    values: pd.DataFrame,
    texts: pd.DataFrame,
    names: tuple[Sequence[str], Sequence[str]],
    limits: tuple[float, float] = (0.0, 1.0),
    upright: bool = False,
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
    axes.set_facecolor(_NO_VALUE)
    axes.grid(visible=False)
    blue = sns.light_palette(sns.color_palette()[0], as_cmap=True)
    sns.heatmap(
        values.astype(float),
        vmin=limits[0],
        vmax=limits[1],
        cmap="PuOr" if limits[0] < 0 else blue,
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


def up_to(values: pd.DataFrame) -> tuple[float, float]:
    """Limits from 0 to 1, or to the largest value if it is more."""
    return 0.0, float(max([1.0, *values.max().dropna()]))


def percents(values: pd.DataFrame) -> pd.DataFrame:
    """Shares as texts in percent, empty without a value."""
    return values.map(lambda value: "" if pd.isna(value) else f"{100 * value:.0f}")
