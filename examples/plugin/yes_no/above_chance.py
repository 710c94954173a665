"""The plot `above_chance`: how far each system is from a coin."""

from __future__ import annotations

from modellab.reporting.plots import Drawn, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.marks import best_rows, beyond, draw_bars, system_chart
from modellab.reporting.plots.words import about, titled

CHANCE = 0.5


@plot("Above chance")
def above_chance(data: PlotData) -> Drawn:
    """A bar per system, and a line where a coin is."""
    systems = best_rows(data)
    figure, axes = system_chart(systems, 5.0)
    axes.set_xlabel(titled(systems, data.overall))
    draw_bars(axes, systems, systems[data.overall])
    axes.axvline(CHANCE, color="black", linestyle="--")
    return Drawn(figure, [*about(data, systems), "Dashed: chance.", beyond(len(data.systems))])
