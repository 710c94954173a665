"""Overall score against cost for systems that have a price, and which of them are worth it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import components_of, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import intervals_of
from modellab.reporting.plots.labels import component_label, names_line, scored_rows, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import cost_per_thousand
from modellab.reporting.plots.scatter import Chart, Point, draw_chart

TITLE = "Cost and score of priced systems"


def draw(data: PlotData) -> Figure:
    """A logarithmic scale of costs above 0; the caption names the systems that none beats."""
    overall, intervals = components_of(data.models)[-1], intervals_of(data)
    entries = ranked(data.models)
    points = [
        Point(entry, cost, score, intervals.of(entry, overall))
        for entry in entries
        if (cost := cost_per_thousand(entry)) and (score := entry.score(overall)) is not None
    ]
    shown = [point.entry for point in points]
    rest = names_line(
        "Not shown (no cost or no score)",
        system_names([e for e in entries if e not in shown], entries),
    )
    if not points:
        raise NothingToShow("No system has a cost above 0, so there is nothing to show.", rest)
    best = [point.entry.name for point in _unbeaten(points)]
    caption = [
        *intervals.lines(shown, [overall]),
        *names_line("No other is both cheaper and better, from cheap to dear", best),
        *rest,
    ]
    label = f"{component_label(overall)} ({scored_rows(shown, overall)})"
    x_label = "US dollars per 1,000 answers (log scale)"
    chart = Chart(TITLE, x_label, label, points, caption, log_x=True, scores=True)
    return draw_chart(data.models, chart)


def _unbeaten(points: Sequence[Point]) -> list[Point]:
    """The contenders that score higher than all cheaper ones, cheapest first."""
    found: list[Point] = []
    competing = [point for point in points if not point.entry.control]
    for point in sorted(competing, key=lambda point: (point.x, -point.y)):
        if not found or point.y > found[-1].y:
            found.append(point)
    return found


PLOT = Plot("cost_vs_score", TITLE, draw)
