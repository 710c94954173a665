"""Overall score against size; the larger the bubble, the dearer the answers."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import components_of, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import intervals_of
from modellab.reporting.plots.labels import component_label, names_line, scored_rows, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import cost_per_thousand
from modellab.reporting.plots.scatter import (
    MARKER_SIZE,
    SIZE_LABEL,
    Chart,
    Point,
    draw_chart,
    size_of,
)

TITLE = "Score, size and cost"
#: the widest bubble, in points; the area of the others follows their cost
MAX_WIDTH = 26.0


def draw(data: PlotData) -> Figure:
    """A bubble per system with a size; one whose cost is not known is a point."""
    overall, intervals = components_of(data.models)[-1], intervals_of(data)
    entries = ranked(data.models)
    shown = [e for e in entries if size_of(e) is not None and e.score(overall) is not None]
    if not shown:
        reason = "No system has both a size (size_b) and a score, so there is nothing to show."
        raise NothingToShow(reason, names_line("Not shown", system_names(entries, entries)))
    dearest = max((cost_per_thousand(entry) or 0.0 for entry in shown), default=0.0)
    points = [
        Point(
            entry,
            size,
            score,
            intervals.of(entry, overall),
            _width(cost_per_thousand(entry), dearest),
        )
        for entry in shown
        if (size := size_of(entry)) is not None and (score := entry.score(overall)) is not None
    ]
    caption = [
        *_sizes(dearest),
        *intervals.lines(shown, [overall]),
        *names_line(
            "Cost not known (not 0)",
            system_names([e for e in shown if cost_per_thousand(e) is None], entries),
        ),
        *names_line(
            "Not shown (no size or no score)",
            system_names([e for e in entries if e not in shown], entries),
        ),
    ]
    label = f"{component_label(overall)} ({scored_rows(shown, overall)})"
    chart = Chart(TITLE, SIZE_LABEL, label, points, caption, log_x=True, scores=True)
    return draw_chart(data.models, chart)


def _width(cost: float | None, dearest: float) -> float:
    """Areas stand for costs; nothing is smaller than a point."""
    if not cost or not dearest:
        return MARKER_SIZE
    return max(MARKER_SIZE, MAX_WIDTH * math.sqrt(cost / dearest))


def _sizes(dearest: float) -> list[str]:
    if not dearest:
        return ["No system has a cost: all points have the usual size."]
    cheapest = dearest * (MARKER_SIZE / MAX_WIDTH) ** 2
    return [
        f"The largest bubble is {dearest:.3g} US dollars per 1,000 answers; areas follow the cost, "
        f"down to {cheapest:.2g} dollars. Not known: the smallest size."
    ]


PLOT = Plot("size_score_cost_bubble", TITLE, draw)
