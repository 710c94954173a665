"""The overall score of every system as bars, best on top, controls below."""

from __future__ import annotations

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    draw_bars,
    draw_intervals,
    ends_of,
    system_chart,
    write_column,
)
from modellab.reporting.plots.words import about, interval_lines, score_text, titled


def draw(data: PlotData) -> Drawn:
    """One bar per system; the figure grows with the rows, so each keeps its line of text."""
    systems, left_out = best_rows(data)
    figure, axes = system_chart(data, systems, 5.0)
    axes.set_xlabel(titled(systems, data.overall))
    scores = systems[data.overall].astype(float)
    draw_bars(axes, systems, scores, data)
    write_column(axes, range(len(systems)), scores.map(score_text).to_list())
    draw_intervals(axes, range(len(systems)), ends_of(data, systems, data.overall))
    unknown = ["n/a: no answer could be scored, so there is no bar."] * bool(scores.isna().any())
    caption = [
        *about(data, systems),
        *unknown,
        *interval_lines(data, systems, [data.overall]),
        *left_out,
    ]
    return Drawn(figure, caption)


PLOT = Plot("overall_ranking", "Overall ranking", draw)
