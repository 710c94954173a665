"""What every plot is: a name, a title, and how to draw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from modellab.reporting.plots.data import PlotData


@dataclass(frozen=True)
class Drawn:
    """A figure without title and caption, and the caption's lines.

    The caption says what the figures rest on, and all that is not shown. `finish` is called when
    the layout is final, for what has to be placed on paper.
    """

    figure: Figure
    caption: Sequence[str]
    finish: Sequence[Callable[[], None]] = ()


@dataclass(frozen=True)
class Plot:
    """One plot. `name` is its file name.

    `needs` and `uses` are what a plot of another package is drawn from; of ours, the registry says.

    `draw` is called inside the shared style, with at least one system and all the tables that the
    plot needs. It raises NothingToShow where they hold nothing that it could draw.
    """

    name: str
    title: str
    draw: Callable[[PlotData], Drawn]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


class NothingToShow(Exception):  # noqa: N818 - no error: the plot is left out
    """Why there is nothing to see, as a sentence."""
