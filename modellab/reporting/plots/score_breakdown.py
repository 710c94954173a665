"""The components of the score side by side, best overall score first."""

from __future__ import annotations

import seaborn as sns

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    draw_intervals,
    ends_of,
    part_controls,
    row_chart,
    write_column,
)
from modellab.reporting.plots.words import (
    about,
    component_label,
    interval_lines,
    score_text,
    scored_rows,
    system_labels,
)

_WIDTH = 2.4


def draw(data: PlotData) -> Drawn:
    """A panel per component with the same rows."""
    systems, left_out = best_rows(data)
    figure, grid = row_chart(system_labels(systems), [_WIDTH] * len(data.components))
    rows = range(len(systems))
    for axes, component in zip(grid, data.components, strict=True):
        scores = systems[component].astype(float)
        axes.barh(rows, scores.fillna(0.0), height=0.72, color=_colours(data)[component], lw=0)
        write_column(axes, rows, scores.map(score_text).to_list())
        draw_intervals(axes, rows, ends_of(data, systems, component))
        part_controls(axes, systems)
        axes.set(title=component_label(component), xlabel=scored_rows(systems, component))
    unknown = systems[list(data.components)].isna().any(axis=None)
    caption = [
        *about(data, systems),
        *["n/a: no answer could be scored, so there is no bar."] * bool(unknown),
        *interval_lines(data, systems, data.components),
        *left_out,
    ]
    return Drawn(figure, caption)


def _colours(data: PlotData) -> dict[str, str]:
    """From light to dark, the overall score darkest: readable without colour vision and in grey."""
    shades = sns.color_palette("YlGnBu", len(data.components) + 1).as_hex()[1:]
    return dict(zip(data.components, shades, strict=True))


PLOT = Plot("score_breakdown", "Score breakdown", draw)
