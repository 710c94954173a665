"""Seconds of the wall clock per answer against the size of the model."""

from __future__ import annotations

from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.intervals import Interval
from modellab.reporting.plots.labels import names_line, system_names
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.resource_usage import concurrency_lines, load_lines
from modellab.reporting.plots.scatter import SIZE_LABEL, Chart, Point, draw_chart, size_of

TITLE = "Time per answer by model size"


def draw(data: PlotData) -> Figure:
    """The share of the wall clock that an answer takes, with a line up to the mean latency."""
    entries = ranked(data.models)
    points = [
        Point(entry, size, share, _line(entry, share))
        for entry in entries
        if (size := size_of(entry)) is not None
        and (share := entry.summary.seconds_per_answer) is not None
    ]
    sizeless = [entry for entry in entries if size_of(entry) is None]
    timeless = [
        entry
        for entry in entries
        if size_of(entry) is not None and entry.summary.seconds_per_answer is None
    ]
    left_out = [
        *names_line("Not shown (no size)", system_names(sizeless, entries)),
        *names_line("Not shown (not timed)", system_names(timeless, entries)),
    ]
    if not points:
        reason = "No timed system has a size (size_b), so there is nothing to show."
        raise NothingToShow(reason, left_out)
    shown = [point.entry for point in points]
    caption = [
        "Points: wall clock of generation / answers; lines: up to the mean time from request to "
        "answer, which is more where answers overlap.",
        *concurrency_lines(shown),
        *load_lines(shown, entries),
        *left_out,
    ]
    chart = Chart(TITLE, SIZE_LABEL, "Seconds per answer (wall clock)", points, caption, log_x=True)
    return draw_chart(data.models, chart)


def _line(entry: Entry, share: float) -> Interval:
    return Interval(share, max(share, entry.summary.avg_latency_seconds or share))


PLOT = Plot("size_vs_latency", TITLE, draw)
