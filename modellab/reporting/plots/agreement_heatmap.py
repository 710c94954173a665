"""How often two systems agree: in their answers, and in being right."""

from __future__ import annotations

import pandas as pd

from modellab.reporting.plots.cells import (
    Shades,
    best_pairs,
    draw_cells,
    name_cells,
    pair_figure,
    pair_names,
    square,
    unwritten_line,
)
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.words import about, span

_KINDS = {"answers": "Same answer", "correctness": "Both right or both wrong"}


def draw(data: PlotData) -> Drawn:
    """A square per kind of agreement, systems in order of rank."""
    systems, left_out = best_pairs(data, controls=True)
    rows = data.table("agreement")
    rows = rows[(rows["system_a"] != "") & rows["agreement"].notna()]
    kinds = [kind for kind in _KINDS if (rows["kind"] == kind).any()]
    if len(systems) < 2 or not kinds:
        raise NothingToShow("There are no two systems to compare.")
    names = pair_names(systems)
    figure, grid = pair_figure(names, len(kinds))
    for axes, kind in zip(grid, kinds, strict=True):
        chosen = rows[rows["kind"] == kind]
        values = square(systems, chosen, "agreement", 1.0).astype(float)
        for system in systems["system"]:
            values.loc[system, system] = 1.0
        texts = values.map(lambda value: "" if pd.isna(value) else f"{100 * value:.0f}")
        draw_cells(axes, values, texts, Shades())
        name_cells(axes, names, names, upright=True)
        axes.set_xlabel(f"{_KINDS[kind]} (n = {span(chosen['n'])})")
    caption = [
        *about(data, systems),
        "In each cell the share of questions, in %, on which both systems agree.",
        *unwritten_line(len(names) ** 2),
        *left_out,
    ]
    return Drawn(figure, caption)


PLOT = Plot("agreement_heatmap", "Agreement between systems", draw)
