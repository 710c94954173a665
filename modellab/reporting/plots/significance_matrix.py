"""Which differences between systems are significant."""

from __future__ import annotations

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
from modellab.reporting.plots.words import about, component_label, span


def draw(data: PlotData) -> Drawn:
    """Row minus column in the overall score; cells without a significant difference are white."""
    rows = data.table("comparisons")
    rows = rows[(rows["component"] == data.overall) & (rows["control"] != True)]  # noqa: E712
    systems, left_out = best_pairs(data, controls=False)
    rows = rows[rows["difference"].notna()]
    if len(systems) < 2 or rows.empty:
        raise NothingToShow("No two contenders were compared.")
    names = pair_names(systems)
    rows = rows.assign(clear=(rows["distinguishable"] == True).astype(float))  # noqa: E712
    values = square(systems, rows, "difference", -1.0).astype(float)
    clear = square(systems, rows, "clear", 1.0) == 1.0
    shown = values.where(clear | values.isna(), 0.0)
    texts = (
        shown.map(lambda value: f"{100 * value:+.0f}").where(clear, "=").where(values.notna(), "")
    )
    reach = max(shown.abs().max().max(), 0.01)
    figure, [axes] = pair_figure(names, 1)
    draw_cells(axes, shown, texts, Shades(-reach, reach, diverging=True))
    name_cells(axes, names, names, upright=True)
    axes.set_xlabel(f"{component_label(data.overall)}: row minus column, x 100")
    tests = sorted({test.replace("_", " ") for test in rows["test"] if test})
    caption = [
        *about(data, systems),
        "Purple: the row is better; orange: the column; white (=): statistically tied; "
        "grey: not compared.",
        f"Test: {', '.join(tests)}, corrected for the number of pairs of contenders (Holm), n = "
        f"{span(rows['n'].dropna())} questions that both have.",
        *unwritten_line(len(names) ** 2),
        *left_out,
    ]
    return Drawn(figure, caption)


PLOT = Plot("significance_matrix", "Significance of differences", draw)
