"""Heat maps: coloured cells with a text in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from seaborn.utils import relative_luminance

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.style import INK, LETTER_WIDTH, new_figure
from modellab.reporting.plots.words import short

#: cells that have their text written in; more would be unreadable, and slow
MAX_WRITTEN = 1000
#: fewer columns than this are written in always: a row is a line of text
_FEW = 25
_NOTHING = "#d4d4d4"
#: cells of more relative luminance have dark text: the contrast is then above 4.5 either way
_LIGHT = 0.18
#: systems of a square; the best ones, where there are more
MAX_SYSTEMS = 60
#: inches of a cell, and of a square at least: its label must fit
_CELL, _SMALL_CELL, _LEAST = 0.36, 0.26, 3.8


@dataclass(frozen=True)
class Shades:
    """What colours stand for: from `low` to `high`, light to dark blue, or orange to purple."""

    low: float = 0.0
    high: float = 1.0
    diverging: bool = False

    @classmethod
    def up_to(cls, values: pd.DataFrame) -> Shades:
        """From 0 to 1, or to the largest value where that is more."""
        top = values.max().max()
        return cls(0.0, max(1.0, float(top) if pd.notna(top) else 1.0))


def draw_cells(axes: Axes, values: pd.DataFrame, texts: pd.DataFrame, shades: Shades) -> None:
    """One cell per value, the first row on top; a cell without a value is grey.

    Texts are written where there are not too many cells, dark on light and light on dark.
    """
    written = values.shape[1] < _FEW or values.size <= MAX_WRITTEN
    axes.set_facecolor(_NOTHING)
    axes.grid(visible=False)
    sns.heatmap(
        values.astype(float),
        vmin=shades.low,
        vmax=shades.high,
        cmap="PuOr"
        if shades.diverging
        else sns.light_palette(sns.color_palette()[0], as_cmap=True),
        annot=texts.to_numpy() if written else False,
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
    axes.set(xlabel="", ylabel="")
    axes.tick_params(
        axis="x", labeltop=True, labelbottom=False, bottom=False, top=False, pad=2, rotation=0
    )
    axes.tick_params(axis="y", left=False, rotation=0)


def name_cells(
    axes: Axes, rows: Sequence[str], columns: Sequence[str], upright: bool = False
) -> None:
    """Names of rows, and names above the columns; upright where cells are narrower than names."""
    axes.set_yticks([place + 0.5 for place in range(len(rows))], list(rows), rotation=0)
    axes.set_xticks(
        [place + 0.5 for place in range(len(columns))], list(columns), rotation=90 * upright
    )


def unwritten_line(cells: int) -> list[str]:
    """The caption's word on cells that are too many for numbers."""
    return [f"{cells} cells are too many for numbers; the table has them."] * (cells > MAX_WRITTEN)


def pair_figure(names: Sequence[str], panels: int) -> tuple[Figure, list[Axes]]:
    """A figure for a number of squares side by side, their rows named once."""
    widest = max(len(name) for name in names) * LETTER_WIDTH
    cell = _CELL if len(names) ** 2 <= MAX_WRITTEN else _SMALL_CELL
    side = max(cell * len(names), _LEAST)
    figure = new_figure(widest + panels * (side + 0.3) + 0.6, widest + side + 1.2)
    return figure, list(figure.subplots(1, panels, sharey=True, squeeze=False)[0])


def pair_names(systems: pd.DataFrame) -> list[str]:
    pairs = zip(systems["system"], systems["control"], strict=True)
    return [f"{short(name)}{' (control)' * control}" for name, control in pairs]


def best_pairs(data: PlotData, controls: bool) -> tuple[pd.DataFrame, list[str]]:
    """The best systems that a square has room for, and the caption's word on the others."""
    systems = data.systems if controls else data.systems[~data.systems["control"]]
    rest = len(systems) - MAX_SYSTEMS
    left_out = [f"Not shown: the {rest} systems after place {MAX_SYSTEMS}."] if rest > 0 else []
    return systems.head(MAX_SYSTEMS), left_out


def square(systems: pd.DataFrame, pairs: pd.DataFrame, value: str, sign: float) -> pd.DataFrame:
    """The value of each pair of systems; `sign` times it the other way round."""
    names = systems["system"]
    one = pairs.pivot_table(index="system_a", columns="system_b", values=value, aggfunc="first")
    other = sign * one.T
    return one.combine_first(other).reindex(index=names, columns=names)
