"""The look that all plots share: theme, colours, frame."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import EXTERNAL, entries_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

INK = "#222222"
MUTED = "#5f5f5f"
TEXT_SIZE = 9.0
#: inches from one row of a horizontal chart to the next; text of TEXT_SIZE fits with air
ROW_HEIGHT = 0.26
#: inches of one letter of TEXT_SIZE, a little more than the average
LETTER_WIDTH = 0.075

#: Okabe and Ito's idea of colours that stay apart for colour-blind readers, on white paper
_APART = (
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#ece133", "#56b4e9"),
)

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is the same everywhere
    "font.size": TEXT_SIZE,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT_SIZE,
    "xtick.labelsize": TEXT_SIZE,
    "ytick.labelsize": TEXT_SIZE,
    "legend.fontsize": TEXT_SIZE,
    "legend.frameon": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": "#b0b0b0",
    "xtick.bottom": False,
    "ytick.left": False,
    "grid.color": "#e3e3e3",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,  # a "$" in a name is a "$"
    "svg.hashsalt": "modellab",  # ids in the file are random without it
    "pdf.fonttype": 42,  # TrueType: publishers refuse the default, Type 3
    "figure.dpi": 100.0,
}


def shared_style() -> AbstractContextManager[None]:
    """The settings in which plots are drawn and written; the old ones return afterwards."""
    return mpl.style.context(["default", _SETTINGS])


def retriever_colours(models: Sequence[ModelScores]) -> dict[str, str]:
    """A colour per retriever, the same in every plot of these models; submissions are grey."""
    names = list(dict.fromkeys(entry.summary.retriever for entry in entries_of(models)))
    own = [name for name in names if name != EXTERNAL]
    colours = dict(zip(own, distinct(len(own)), strict=True))
    return {name: colours.get(name, "#7a7a7a") for name in names}


def component_colours(components: Sequence[str]) -> dict[str, str]:
    """From light to dark, the overall score darkest: readable without colour vision and in grey."""
    shades = mpl.colormaps["YlGnBu"](np.linspace(0.35, 1.0, len(components)))
    return {name: to_hex(shade) for name, shade in zip(components, shades, strict=True)}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, whose parts make room for one another."""
    return Figure((width, height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))


def frame(figure: Figure, title: str, caption: Sequence[str]) -> None:
    """Put the title above and the caption's lines below, wrapped to the figure's width."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    letters = int((figure.get_figwidth() - 0.2) / LETTER_WIDTH)
    lines = [
        part for line in caption for part in textwrap.wrap(line, letters, break_on_hyphens=False)
    ]
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=TEXT_SIZE, color=MUTED)


def mark_partial(figure: Figure, missing: Sequence[str]) -> None:
    """Say in the title and in the caption's first line which models are not there."""
    if missing:
        caption = figure.get_supxlabel().split("\n")
        without = f"Partial: without {', '.join(missing)} (no predictions)"
        frame(figure, f"{figure.get_suptitle()} (PARTIAL)", [without, *caption])


def settle(figure: Figure) -> None:
    """Lay the figure out once and for all.

    The layout is solved to the last digit but one; rounded, it is the same in every run.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = axes.get_position(original=True).bounds
        axes.set_position((round(left, 6), round(bottom, 6), round(width, 6), round(height, 6)))


def legend_above(
    axes: Axes, handles: Sequence[Artist], width: float, lift: float | None = None
) -> None:
    """A legend above the axes, where it hides no data; as many columns as fit in `width` inches.

    `lift` is the room between, in letters, for a title or a scale.
    """
    if lift is None:
        lift = 2.2 if axes.xaxis.get_tick_params()["labeltop"] else 0.3
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = int(width / (longest * LETTER_WIDTH + 0.4))
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(max(columns, 1), len(handles)),
        borderpad=0.2,
        borderaxespad=lift,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.4,
    )


def distinct(count: int) -> list[str]:
    """Colours that stay apart for colour-blind readers; beyond nine they get close."""
    if count <= len(_APART):
        return list(_APART[:count])
    return [to_hex(colour) for colour in mpl.colormaps["turbo"](np.linspace(0.03, 0.97, count))]
