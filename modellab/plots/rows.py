"""Horizontal charts with one line of text per row, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.plots.labels import score_text
from modellab.plots.style import LETTER_WIDTH, ROW_HEIGHT, TEXT_SIZE, new_figure

#: inches of title, legend, axis and caption
_AROUND = 1.9
#: from this many rows on, the scale stands above the rows as well as below
_MANY = 30


def row_figure(
    labels: Sequence[str], panel_widths: Sequence[float], row_height: float = ROW_HEIGHT
) -> Figure:
    """A figure that is as tall as its rows and as wide as its longest label and its panels."""
    widest = max(len(label) for label in labels) * LETTER_WIDTH
    height = _AROUND + row_height * len(labels)
    return new_figure(widest + sum(panel_widths) + 0.7, height)


def prepare_rows(axes: Axes, labels: Sequence[str]) -> None:
    """A scale from 0 to 1, and a named row per label, the first on top."""
    axes.set_xlim(0, 1)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), labels)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="x", labeltop=len(labels) >= _MANY)


def draw_bars(
    axes: Axes,
    rows: Sequence[float],
    scores: Sequence[float | None],
    height: float,
    colour: str | Sequence[str],
) -> None:
    """Bars, and their values in a column right of the scale where nothing can cover them."""
    axes.barh(rows, [score or 0.0 for score in scores], height=height, color=colour)
    column = axes.get_yaxis_transform()
    for row, score in zip(rows, scores, strict=True):
        text = score_text(score)
        axes.text(1.02, row, text, transform=column, va="center_baseline", fontsize=TEXT_SIZE)
