"""The plot `above_chance`: how far each system is from a coin."""

from __future__ import annotations

from modellab.reporting.plots import Drawn, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import best_rows, draw_bars, system_chart
from modellab.reporting.plots.words import about, titled

CHANCE = 0.5


@plot("Above chance")
def above_chance(data: PlotData) -> Drawn:
    """A bar per system, and a line where a coin is."""
    systems, left_out = best_rows(data)
    figure, axes = system_chart(data, systems, 5.0)
    axes.set_xlabel(titled(systems, data.overall))
    draw_bars(axes, systems, systems[data.overall].astype(float), data)
    axes.axvline(CHANCE, color="black", linestyle="--")
    return Drawn(figure, [*about(data, systems), "Dashed: chance.", *left_out])
