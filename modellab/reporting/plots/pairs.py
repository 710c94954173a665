"""Square charts: every system against every other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.cells import MAX_WRITTEN, Scale, draw_cells, name_columns
from modellab.reporting.plots.labels import short
from modellab.reporting.plots.style import LETTER_WIDTH, ROW_HEIGHT, new_figure

Numbers = np.ndarray[Any, np.dtype[Any]]

#: systems of a square; the best ones, where there are more
MAX_SYSTEMS = 60
_CELL = 0.36
#: inches of a square at least: its title must fit
_LEAST = 3.4


def pair_figure(names: Sequence[str], panels: int) -> Figure:
    """A figure for so many squares side by side, their rows named once."""
    widest = max(len(name) for name in names) * LETTER_WIDTH
    side = max(_cell(len(names)) * len(names), _LEAST)
    return new_figure(widest + panels * (side + 0.3) + 0.6, widest + side + 1.9)


def pair_names(entries: Sequence[Entry]) -> list[str]:
    return [f"{short(entry.name)}{' (control)' * entry.control}" for entry in entries]


def draw_pairs(
    axes: Axes, names: Sequence[str], values: Numbers, texts: Sequence[Sequence[str]], scale: Scale
) -> None:
    draw_cells(axes, values, texts, scale)
    name_columns(axes, names, upright=True)
    axes.set_yticks(range(len(names)), names)


def square(entries: Sequence[Entry]) -> tuple[Numbers, dict[str, int]]:
    """An empty square, (systems, systems) of NaN, and each system's place in it."""
    places = {entry.name: place for place, entry in enumerate(entries)}
    return np.full((len(entries), len(entries)), np.nan), places


def _cell(systems: int) -> float:
    return _CELL if systems**2 <= MAX_WRITTEN else ROW_HEIGHT
