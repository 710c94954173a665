"""Charts made of coloured cells with a number in each: heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap, Normalize

from modellab.reporting.plots.style import INK

Numbers = np.ndarray[Any, np.dtype[Any]]

#: cells that have their number written in; more would be unreadable, and slow
MAX_WRITTEN = 1000
#: fewer columns than this are written in always: a row is a line of text
_FEW = 25
_CELL_TEXT = 8.0
_NOTHING = "#d4d4d4"


@dataclass(frozen=True)
class Scale:
    """What colours stand for: from `low` to `high`."""

    low: float = 0.0
    high: float = 1.0
    diverging: bool = False

    def colours(self) -> Colormap:
        """Light to dark blue; orange over white to blue where the middle is nothing."""
        if self.diverging:
            return mpl.colormaps["PuOr"].with_extremes(bad=_NOTHING)
        shades = mpl.colormaps["Blues"](np.linspace(0.0, 0.85, 256))
        return ListedColormap(shades).with_extremes(bad=_NOTHING)


def draw_cells(axes: Axes, values: Numbers, texts: Sequence[Sequence[str]], scale: Scale) -> None:
    """One cell per value, (rows, columns), the first row on top; NaN is a grey cell.

    Texts are written where there are not too many cells, dark on light and light on dark.
    """
    norm, colours = Normalize(scale.low, scale.high, clip=True), scale.colours()
    axes.imshow(
        np.ma.masked_invalid(values), cmap=colours, norm=norm, aspect="auto", interpolation="none"
    )
    axes.grid(visible=False)
    rows, columns = values.shape
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
    axes.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color="white", linewidth=0.8)
    axes.vlines(np.arange(1, columns) - 0.5, -0.5, rows - 0.5, color="white", linewidth=0.8)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if values.shape[1] < _FEW or values.size <= MAX_WRITTEN:
        shown = colours(norm(np.nan_to_num(values)))
        for row, column in np.ndindex(rows, columns):
            dark = not np.isnan(values[row, column]) and _luminance(shown[row, column]) < 0.55
            _write(axes, row, column, texts[row][column], "white" if dark else INK)


def name_columns(axes: Axes, names: Sequence[str], upright: bool) -> None:
    """Names above the columns; upright ones where cells are narrower than names."""
    axes.set_xticks(range(len(names)), names, rotation=90 if upright else 0)
    axes.tick_params(axis="x", labeltop=True, labelbottom=False)


def unwritten_line(cells: int) -> list[str]:
    """The caption's word on cells that are too many for numbers."""
    return [f"{cells} cells are too many for numbers; the table has them."] * (cells > MAX_WRITTEN)


def _write(axes: Axes, row: int, column: int, text: str, colour: str) -> None:
    cell = axes.text(column, row, text, ha="center", va="center", fontsize=_CELL_TEXT, color=colour)
    cell.set_in_layout(False)


def _luminance(colour: Numbers) -> float:
    red, green, blue = colour[:3]
    return float(0.299 * red + 0.587 * green + 0.114 * blue)
