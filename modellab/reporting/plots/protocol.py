"""What every plot is: a name, a title, and how to draw it from what it names in the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.reporting.plots.data import PlotData

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """One plot. `name` is its file name.

    `draw` gives a finished figure, title and caption included; the caption says what the
    figures rest on and names all that is not shown. It is called inside the shared style, with
    at least one scored model and all the tables that the plot needs. It raises NothingToShow
    where they hold nothing that it could draw.
    """

    name: str
    title: str
    draw: Callable[[PlotData], Figure]


class NothingToShow(Exception):  # noqa: N818 - no error: the picture says it
    """Why there is nothing to see, as a sentence, and further lines for the caption."""

    def __init__(self, reason: str, caption: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.caption = tuple(caption)
