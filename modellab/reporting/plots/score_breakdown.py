"""The components of the score side by side, best overall score first."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    draw_intervals,
    ends_of,
    part_controls,
    prepare_rows,
    row_chart,
    write_column,
)
from modellab.reporting.plots.style import legend_above
from modellab.reporting.plots.words import (
    about,
    component_label,
    interval_lines,
    score_text,
    scored_rows,
    system_labels,
    titled,
)

#: up to this many rows the bars of a row are grouped; more rows get a panel per component
MAX_GROUPED = 10
GROUPED_WIDTH, PANEL_WIDTH = 6.0, 2.4
_BAR_HEIGHT = 0.17


def draw(data: PlotData) -> Drawn:
    """Grouped bars for few rows; for many, a panel per component with the same rows."""
    systems, left_out = best_rows(data)
    figure = (_grouped if len(systems) <= MAX_GROUPED else _panels)(data, systems)
    unknown = systems[list(data.components)].isna().any(axis=None)
    caption = [
        *about(data, systems),
        *["n/a: no answer could be scored, so there is no bar."] * bool(unknown),
        *interval_lines(data, systems, data.components),
        *left_out,
    ]
    return Drawn(figure, caption)


def _grouped(data: PlotData, systems: pd.DataFrame) -> Figure:
    components = list(data.components)
    height = _BAR_HEIGHT * (len(components) + 1)
    figure, [axes] = row_chart(system_labels(systems), [GROUPED_WIDTH], height)
    part_controls(axes, systems)
    step = 0.92 / len(components)
    for number, component in enumerate(components):
        shift = (number - (len(components) - 1) / 2) * step
        rows = [row + shift for row in range(len(systems))]
        _bars(axes, data, systems, component, rows, 0.92 * step)
    colours = _colours(data)
    patches = [Patch(color=colours[one], label=titled(systems, one)) for one in components]
    legend_above(axes, patches, GROUPED_WIDTH)
    return figure


def _panels(data: PlotData, systems: pd.DataFrame) -> Figure:
    labels = system_labels(systems)
    figure, grid = row_chart(labels, [PANEL_WIDTH] * len(data.components))
    for axes, component in zip(grid, data.components, strict=True):
        _bars(axes, data, systems, component, range(len(systems)), 0.72)
        part_controls(axes, systems)
        axes.set(title=component_label(component), xlabel=scored_rows(systems, component))
        prepare_rows(axes, labels)
    return figure


def _bars(
    axes: Axes,
    data: PlotData,
    systems: pd.DataFrame,
    component: str,
    rows: list[float] | range,
    height: float,
) -> None:
    scores = systems[component].astype(float)
    colour = _colours(data)[component]
    axes.barh(rows, scores.fillna(0.0), height=height, color=colour, linewidth=0)
    write_column(axes, rows, scores.map(score_text).to_list())
    draw_intervals(axes, rows, ends_of(data, systems, component))


def _colours(data: PlotData) -> dict[str, str]:
    """From light to dark, the overall score darkest: readable without colour vision and in grey."""
    shades = sns.color_palette("YlGnBu", len(data.components) + 1).as_hex()[1:]
    return dict(zip(data.components, shades, strict=True))


PLOT = Plot("score_breakdown", "Score breakdown", draw)
