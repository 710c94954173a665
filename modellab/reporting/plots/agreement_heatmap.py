"""How often two systems agree: in their answers, and in being right."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from modellab.reporting.plots.cells import Scale, unwritten_line
from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.labels import shortened_line, source_line
from modellab.reporting.plots.pairs import (
    MAX_SYSTEMS,
    Numbers,
    draw_pairs,
    pair_figure,
    pair_names,
    square,
)
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows
from modellab.reporting.plots.style import frame

TITLE = "Agreement between systems"
_KINDS = {"answers": "Same answer", "correctness": "Both right or both wrong"}


def draw(data: PlotData) -> Figure:
    """A square per kind of agreement, systems in order of rank."""
    entries, left_out = best_rows(data.models, MAX_SYSTEMS)
    if len(entries) < 2:
        raise NothingToShow("There is one system only, so there is nothing to compare.")
    names, rows = pair_names(entries), data.table("agreement")
    kinds = [kind for kind in _KINDS if any(row["kind"] == kind for row in rows)]
    figure = pair_figure(names, len(kinds))
    grid = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(grid, kinds, strict=True):
        chosen = [row for row in rows if row["kind"] == kind]
        values, places = square(entries)
        _fill(values, places, chosen)
        texts = [[_cell(value) for value in line] for line in values]
        draw_pairs(axes, names, values, texts, Scale())
        axes.set_xlabel(f"{_KINDS[kind]} (n = {_counts(chosen)})")
    caption = [
        source_line(data.models),
        "In each cell the share of questions, in %, on which both systems agree.",
        *unwritten_line(len(names) ** 2),
        *shortened_line([entry.name for entry in entries]),
        *left_out,
    ]
    frame(figure, TITLE, caption)
    return figure


def _fill(values: Numbers, places: dict[str, int], rows: Sequence[Row]) -> None:
    for place in places.values():
        values[place, place] = 1.0
    for row in rows:
        one, two = places.get(row["system_a"]), places.get(row["system_b"])
        if one is not None and two is not None and row["agreement"]:
            values[one, two] = values[two, one] = float(row["agreement"])


def _cell(value: float) -> str:
    return "" if value != value else f"{100 * value:.0f}"


def _counts(rows: Sequence[Row]) -> str:
    counts = [int(row["n"]) for row in rows]
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


PLOT = Plot("agreement_heatmap", TITLE, draw)
