"""The overall score of every system as a point with its interval."""

from __future__ import annotations

import pandas as pd

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, ends_of, system_chart, write_column
from modellab.reporting.plots.style import MUTED, family_colours
from modellab.reporting.plots.words import about, interval_lines, score_text, titled


def draw(data: PlotData) -> Drawn:
    """On a scale that fits the intervals; hollow: statistically tied with the best."""
    systems, left_out = best_rows(data)
    scores = systems[data.overall].astype(float)
    if scores.isna().all():
        raise NothingToShow("No system has an overall score.")
    figure, axes = system_chart(data, systems, 6.0)
    ends = ends_of(data, systems, data.overall)
    every = pd.concat([scores, ends["low"], ends["high"]])
    room = 0.04 * max(every.max() - every.min(), 0.05)
    axes.set_xlim(every.min() - room, every.max() + room)
    axes.set_xlabel(titled(systems, data.overall))
    tied = _tied_with_the_best(data, systems)
    colours = systems["family"].map(family_colours(data.systems)).to_list()
    axes.hlines(range(len(systems)), ends["low"], ends["high"], color=colours, linewidth=1.6)
    faces = [
        "white" if system in tied else colour
        for system, colour in zip(systems["system"], colours, strict=True)
    ]
    axes.scatter(scores, range(len(systems)), s=36, color=faces, edgecolors=colours, zorder=3)
    if not systems["control"].iloc[0]:
        axes.axvline(scores.iloc[0], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    write_column(axes, range(len(systems)), scores.map(score_text).to_list())
    caption = [
        *about(data, systems),
        *interval_lines(data, systems, [data.overall]),
        "The axis does not start at 0. Dashed: the best score of a contender.",
        *["Hollow: statistically tied with the best."] * bool(tied),
        *left_out,
    ]
    return Drawn(figure, caption)


def _tied_with_the_best(data: PlotData, systems: pd.DataFrame) -> set[str]:
    """The systems whose difference from the first is not significant."""
    rows, best = data.table("comparisons"), systems["system"].iloc[0]
    if rows.empty:
        return set()
    rows = rows[(rows["component"] == data.overall) & (rows["distinguishable"] == False)]  # noqa: E712
    with_best = rows[(rows["system_a"] == best) | (rows["system_b"] == best)]
    return {*with_best["system_a"], *with_best["system_b"]} - {best}


PLOT = Plot("overall_scores", "Overall scores with their uncertainty", draw)
