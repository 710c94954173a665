"""Overall score against cost, models on one's own machine at no cost."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.compare.entries import Entry, components_of, ranked
from modellab.plots.data import PlotData
from modellab.plots.effort import cost_per_thousand
from modellab.plots.intervals import intervals_of
from modellab.plots.labels import component_label, names_line, origin, scored_rows, system_names
from modellab.plots.protocol import NothingToShow, Plot
from modellab.plots.scatter import Chart, Point, draw_chart

TITLE = "Cost and performance"


def draw(data: PlotData) -> Figure:
    """Every system that runs here or has a price; an API without a price is left out."""
    overall, intervals = components_of(data.models)[-1], intervals_of(data)
    entries = ranked(data.models)
    points = [
        Point(entry, cost, score, intervals.of(entry, overall))
        for entry in entries
        if (cost := _cost(entry)) is not None and (score := entry.score(overall)) is not None
    ]
    shown = [point.entry for point in points]
    rest = names_line(
        "Not shown (no cost or no score)",
        system_names([e for e in entries if e not in shown], entries),
    )
    if not any(point.x > 0 for point in points):
        raise NothingToShow("No system has a cost, so there is nothing to show.", rest)
    caption = [
        "Local models stand at 0: what the machine costs is not counted.",
        *intervals.lines(shown, [overall]),
        *rest,
    ]
    label = f"{component_label(overall)} ({scored_rows(shown, overall)})"
    chart = Chart(TITLE, "US dollars per 1,000 answers", label, points, caption, scores=True)
    return draw_chart(data.models, chart)


def _cost(entry: Entry) -> float | None:
    known = cost_per_thousand(entry)
    return 0.0 if known is None and origin(entry.model) == "local" else known


PLOT = Plot("cost_vs_performance", TITLE, draw)
