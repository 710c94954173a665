"""Which differences between systems are more than chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import components_of
from modellab.reporting.plots.cells import Scale, unwritten_line
from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.labels import component_label, shortened_line, source_line
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

TITLE = "Significance of differences"


def draw(data: PlotData) -> Figure:
    """Row minus column in the overall score; cells without a clear difference are blank."""
    overall = components_of(data.models)[-1]
    rows = [row for row in data.table("comparisons") if row["component"] == overall]
    entries, left_out = best_rows(data.models, MAX_SYSTEMS, controls=False)
    rows = [row for row in rows if row["control"] != "True"]
    if len(entries) < 2 or not rows:
        raise NothingToShow("No two contenders were compared, so there is nothing to show.")
    names, (values, places) = pair_names(entries), square(entries)
    clear = np.zeros(values.shape, dtype=bool)
    _fill(values, clear, places, rows)
    reach = max(float(np.nanmax(np.abs(np.where(clear, values, 0.0)))), 0.01)
    figure = pair_figure(names, 1)
    axes = figure.subplots()
    texts = [
        [_cell(v, c) for v, c in zip(*line, strict=True)]
        for line in zip(values, clear, strict=True)
    ]
    shown = np.where(clear | np.isnan(values), values, 0.0)
    draw_pairs(axes, names, shown, texts, Scale(-reach, reach, diverging=True))
    axes.set_xlabel(f"{component_label(overall)}: row minus column, x 100")
    frame(figure, TITLE, _caption(data, rows, names, left_out))
    return figure


def _caption(
    data: PlotData, rows: Sequence[Row], names: Sequence[str], left_out: Sequence[str]
) -> list[str]:
    tests = sorted({row["test"].replace("_", " ") for row in rows if row["test"]})
    counts = sorted({int(row["n"]) for row in rows if row["n"]})
    paired = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    return [
        source_line(data.models),
        "Purple: the row is better; orange: the column; white (=): not distinguishable; "
        "grey: not compared.",
        f"Test: {', '.join(tests)}, corrected for the number of pairs of contenders (Holm), n = "
        f"{paired} questions that both have.",
        *unwritten_line(len(names) ** 2),
        *shortened_line([name for pair in rows for name in (pair["system_a"], pair["system_b"])]),
        *left_out,
    ]


def _fill(values: Numbers, clear: Numbers, places: dict[str, int], rows: Sequence[Row]) -> None:
    for row in rows:
        one, two = places.get(row["system_a"]), places.get(row["system_b"])
        if one is not None and two is not None and row["difference"]:
            values[one, two] = float(row["difference"])
            values[two, one] = -values[one, two]
            clear[one, two] = clear[two, one] = row["distinguishable"] == "True"


def _cell(value: float, clear: bool) -> str:
    if np.isnan(value):
        return ""
    return f"{100 * value:+.0f}" if clear else "="


PLOT = Plot("significance_matrix", TITLE, draw)
