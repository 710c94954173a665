"""What every plot is: a name, a title, and how to draw it from the scores of all models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.records import ModelScores

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plot:
    """One plot. `name` is its file name.

    `draw` gives a finished figure, title and caption included; the caption says what the
    figures rest on and names all that is not shown. It is called inside the shared style.
    """

    name: str
    title: str
    draw: Callable[[Sequence[ModelScores]], Figure]
