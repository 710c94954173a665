"""A picture that says why there is nothing to see."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from modellab.reporting.plots.style import frame, new_figure

_WIDTH = 8.0
_LETTERS = 90


def empty_figure(title: str, reason: str, caption: Sequence[str] = ()) -> Figure:
    """The reason in the middle, title and caption where they always are."""
    figure = new_figure(_WIDTH, 2.4)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, textwrap.fill(reason, _LETTERS), ha="center", va="center")
    frame(figure, title, caption)
    return figure
