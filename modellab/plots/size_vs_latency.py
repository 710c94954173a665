"""Seconds per answer against the size of the model."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.compare.entries import ranked
from modellab.plots.data import PlotData
from modellab.plots.intervals import Interval
from modellab.plots.labels import names_line, system_names
from modellab.plots.protocol import NothingToShow, Plot
from modellab.plots.scatter import SIZE_LABEL, Chart, Point, draw_chart, size_of

TITLE = "Latency by model size"


def draw(data: PlotData) -> Figure:
    """The median latency of each system, with a line up to its 95th percentile."""
    entries = ranked(data.models)
    points = [
        Point(entry, size, p50, Interval(p50, entry.summary.p95_latency_seconds or p50))
        for entry in entries
        if (size := size_of(entry)) is not None
        and (p50 := entry.summary.p50_latency_seconds) is not None
    ]
    sizeless = [entry for entry in entries if size_of(entry) is None]
    timeless = [
        entry
        for entry in entries
        if size_of(entry) is not None and entry.summary.p50_latency_seconds is None
    ]
    left_out = [
        *names_line("Not shown (no size)", system_names(sizeless, entries)),
        *names_line("Not shown (no latency)", system_names(timeless, entries)),
    ]
    if not points:
        reason = "No system has both a size (size_b) and a latency, so there is nothing to show."
        raise NothingToShow(reason, left_out)
    caption = [
        "Points: median; lines: up to the 95th percentile. Seconds of the generation itself, of a "
        "whole batch where there is one, without waiting.",
        *left_out,
    ]
    chart = Chart(TITLE, SIZE_LABEL, "Seconds per answer", points, caption, log_x=True)
    return draw_chart(data.models, chart)


PLOT = Plot("size_vs_latency", TITLE, draw)
