"""Overall score against cost; models without a price stand apart, not at 0."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import components_of, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import intervals_of
from modellab.reporting.plots.labels import component_label, names_line, scored_rows, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import cost_per_thousand
from modellab.reporting.plots.scatter import Chart, Point, draw_chart

TITLE = "Cost and performance"


def draw(data: PlotData) -> Figure:
    """Every system that has a score, those whose cost is not known in a strip of their own."""
    overall, intervals = components_of(data.models)[-1], intervals_of(data)
    entries = ranked(data.models)
    scored = [
        (entry, cost_per_thousand(entry), score)
        for entry in entries
        if (score := entry.score(overall)) is not None
    ]
    priced = [
        Point(entry, cost, score, intervals.of(entry, overall))
        for entry, cost, score in scored
        if cost is not None
    ]
    apart = [
        Point(entry, 0.0, score, intervals.of(entry, overall))
        for entry, cost, score in scored
        if cost is None
    ]
    shown = [entry for entry, _, _ in scored]
    rest = names_line(
        "Not shown (no score)", system_names([e for e in entries if e not in shown], entries)
    )
    if not priced:
        raise NothingToShow("No system has a cost, so there is nothing to show.", rest)
    unpriced = system_names([point.entry for point in apart], entries)
    caption = [
        *names_line("Cost not known (no price; what a machine costs is not counted)", unpriced),
        *intervals.lines(shown, [overall]),
        *rest,
    ]
    label = f"{component_label(overall)} ({scored_rows(shown, overall)})"
    chart = Chart(
        TITLE,
        "US dollars per 1,000 answers",
        label,
        priced,
        caption,
        scores=True,
        apart=apart,
        apart_label="cost not known",
    )
    return draw_chart(data.models, chart)


PLOT = Plot("cost_vs_performance", TITLE, draw)
