"""Dollars against the size of the model."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import names_line, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import cost_per_thousand
from modellab.reporting.plots.scatter import SIZE_LABEL, Chart, Point, draw_chart, size_of

TITLE = "Cost by model size"


def draw(data: PlotData) -> Figure:
    """Only systems with a size and a price: what a machine of one's own costs is not known."""
    entries = ranked(data.models)
    points = [
        Point(entry, size, cost)
        for entry in entries
        if (size := size_of(entry)) is not None and (cost := cost_per_thousand(entry)) is not None
    ]
    sizeless = [entry for entry in entries if size_of(entry) is None]
    priceless = [
        entry
        for entry in entries
        if size_of(entry) is not None and cost_per_thousand(entry) is None
    ]
    left_out = [
        *names_line("Not shown (no size)", system_names(sizeless, entries)),
        *names_line("Not shown (no cost)", system_names(priceless, entries)),
    ]
    if not points:
        reason = "No system has both a size (size_b) and a cost, so there is nothing to show."
        raise NothingToShow(reason, left_out)
    label = "US dollars per 1,000 answers"
    chart = Chart(TITLE, SIZE_LABEL, label, points, left_out, log_x=True)
    return draw_chart(data.models, chart)


PLOT = Plot("size_vs_cost", TITLE, draw)
