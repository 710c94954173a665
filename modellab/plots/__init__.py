"""The plots. A new one is a file with a `PLOT`, and a line in `PLOTS`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from modellab.errors import InputError
from modellab.plots.protocol import Plot

#: modules by name, loaded only when drawn: matplotlib is slow to import
PLOTS: Mapping[str, str] = {
    "overall_ranking": "modellab.plots.overall_ranking",
    "score_breakdown": "modellab.plots.score_breakdown",
    "size_vs_scores": "modellab.plots.size_vs_scores",
}


def load_plot(name: str) -> Plot:
    if name not in PLOTS:
        raise InputError(f"plots: {name!r} is not one (known: {', '.join(PLOTS)})")
    plot = import_module(PLOTS[name]).PLOT
    assert isinstance(plot, Plot)
    return plot
