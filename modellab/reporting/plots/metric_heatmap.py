"""Every component by model and retriever."""

from __future__ import annotations

import pandas as pd

from modellab.reporting.plots.cells import Shades, draw_cells, name_cells
from modellab.reporting.plots.data import NO_RETRIEVER, PlotData
from modellab.reporting.plots.protocol import Drawn, Plot
from modellab.reporting.plots.rows import MAX_ROWS, row_chart
from modellab.reporting.plots.style import LETTER_WIDTH
from modellab.reporting.plots.words import about, component_label, names_line, short, titled

#: components that have a panel
MAX_PANELS = 8


def draw(data: PlotData) -> Drawn:
    """A panel per component, overall first: a row per model, a column per retriever."""
    systems = data.systems
    components = [data.overall, *data.components[:-1]]
    panels, rest = components[:MAX_PANELS], components[MAX_PANELS:]
    models = list(systems["model"].unique())
    retrievers = _with_controls_last(systems, "retriever")
    heads = [f"{_head(one)}{' (control)' * control}" for one, control in retrievers.items()]
    competing = _with_controls_last(systems, "model")
    labels = [f"{short(one)}{' (control)' * competing[one]}" for one in models[:MAX_ROWS]]
    upright = len(heads) > 1
    longest = max(map(len, heads)) * LETTER_WIDTH
    widest = max(0.55 * len(heads), longest * (not upright))
    titles = max(len(titled(systems, one)) for one in panels) * LETTER_WIDTH * 1.15
    figure, grid = row_chart(labels, [max(widest, titles) + 0.25] * len(panels))
    figure.set_figheight(figure.get_figheight() + longest * upright)
    for axes, component in zip(grid, panels, strict=True):
        values = systems.pivot(index="model", columns="retriever", values=component)
        values = values.reindex(index=models[:MAX_ROWS], columns=list(retrievers)).astype(float)
        texts = values.map(lambda value: "" if pd.isna(value) else f"{100 * value:.0f}")
        draw_cells(axes, values, texts, Shades.up_to(values))
        name_cells(axes, labels, heads, upright)
        axes.set_xlabel(titled(systems, component))
    beyond = len(models) - MAX_ROWS
    caption = [
        *about(data, systems),
        "Models in order of their best overall score, controls last; x 100. Grey: no score.",
        *[f"Not shown: the {beyond} models after place {MAX_ROWS}."] * (beyond > 0),
        *names_line("Not shown", map(component_label, rest)),
    ]
    return Drawn(figure, caption)


def _with_controls_last(systems: pd.DataFrame, column: str) -> dict[str, bool]:
    """What the column holds, and whether it is in controls only: those come last."""
    found = systems.groupby(column, sort=False)["control"].all()
    return dict(sorted(found.items(), key=lambda item: bool(item[1])))  # type: ignore[arg-type]


def _head(retriever: str) -> str:
    return "own file" if retriever == NO_RETRIEVER else short(retriever, 24)


PLOT = Plot("metric_heatmap", "Metrics by model and retriever", draw)
