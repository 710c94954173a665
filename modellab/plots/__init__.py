"""The plots. A new one is a file with a `PLOT`, and a line in `PLOTS`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from modellab.errors import InputError

if TYPE_CHECKING:
    from modellab.plots.protocol import Plot


class Registered(NamedTuple):
    """Where a plot is, and what it is drawn from beside the scores (`modellab.plots.data`).

    Without a table that it needs the picture only says so; what it uses adds to the picture.
    """

    module: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


#: modules by name, loaded only when drawn: matplotlib is slow to import
PLOTS: Mapping[str, Registered] = {
    "overall_ranking": Registered("modellab.plots.overall_ranking", uses=("statistics",)),
    "score_breakdown": Registered("modellab.plots.score_breakdown", uses=("statistics",)),
    "size_vs_scores": Registered("modellab.plots.size_vs_scores", uses=("statistics",)),
}


def load_plot(name: str) -> Plot:
    """Raises InputError for a name that no plot has."""
    if name not in PLOTS:
        raise InputError(f"plots: {name!r} is not one (known: {', '.join(PLOTS)})")
    plot: Plot = import_module(PLOTS[name].module).PLOT
    return plot
