"""Every system against every other: agreement, and significance of differences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.cells import MAX_WRITTEN, draw_cells, percents
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.style import LETTER_WIDTH, new_figure
from modellab.reporting.plots.words import about, component_label, short, span

#: systems of a square: the best ones
MAX_SYSTEMS = 60
_KINDS = {"answers": "Same answer", "correctness": "Both right or both wrong"}
#: inches of a cell, of one without a text, and of the smallest square: its label must fit
_CELL, _SMALL_CELL, _LEAST = 0.36, 0.26, 3.8


@plot("Agreement between systems")
def agreement_heatmap(data: PlotData) -> Drawn:
    """A square per kind of agreement, systems in order of rank."""
    systems = data.systems.head(MAX_SYSTEMS)
    rows = data.table("agreement")
    rows = rows[(rows["system_a"] != "") & rows["agreement"].notna()]
    kinds = [kind for kind in _KINDS if (rows["kind"] == kind).any()]
    if len(systems) < 2 or not kinds:
        raise NothingToShow("There are no two systems to compare.")
    names = _labels(systems)
    figure, grid = _squares(names, len(kinds))
    for axes, kind in zip(grid, kinds, strict=True):
        chosen = rows[rows["kind"] == kind]
        values = _square(systems, chosen, "agreement", 1.0)
        for system in systems["system"]:
            values.loc[system, system] = 1.0
        draw_cells(axes, values, percents(values), (names, names), upright=True)
        axes.set_xlabel(f"{_KINDS[kind]} (n = {span(chosen['n'])})")
    share = "In each cell the share of questions, in %, on which both systems agree."
    return Drawn(figure, [*about(data, systems), share, *_left_out(data.systems)])


@plot("Significance of differences")
def significance_matrix(data: PlotData) -> Drawn:
    """Row minus column in the overall score; white without a significant difference."""
    rows, contenders = data.table("comparisons"), data.systems[~data.systems["control"]]
    rows = rows[(rows["component"] == data.overall) & (rows["control"] != True)]  # noqa: E712
    rows, systems = rows[rows["difference"].notna()], contenders.head(MAX_SYSTEMS)
    if len(systems) < 2 or rows.empty:
        raise NothingToShow("No two contenders were compared.")
    names = _labels(systems)
    values = _square(systems, rows, "difference", -1.0)
    rows = rows.assign(clear=(rows["distinguishable"] == True).astype(float))  # noqa: E712
    clear = _square(systems, rows, "clear", 1.0) == 1.0
    shown = values.where(clear | values.isna(), 0.0)
    texts = shown.map(lambda value: f"{100 * value:+.0f}")
    texts = texts.where(clear, "=").where(values.notna(), "")
    reach = max(shown.abs().max().max(), 0.01)
    figure, [axes] = _squares(names, 1)
    draw_cells(axes, shown, texts, (names, names), (-reach, reach), upright=True)
    axes.set_xlabel(f"{component_label(data.overall)}: row minus column, x 100")
    tests = sorted({test.replace("_", " ") for test in rows["test"] if test})
    caption = [
        *about(data, systems),
        "Purple: the row is better; orange: the column; white (=): statistically tied; "
        "grey: not compared.",
        f"Test: {', '.join(tests)}, corrected for the number of pairs of contenders (Holm), n = "
        f"{span(rows['n'].dropna())} questions that both have.",
        *_left_out(contenders),
    ]
    return Drawn(figure, caption)


def _labels(systems: pd.DataFrame) -> list[str]:
    pairs = zip(systems["system"], systems["control"], strict=True)
    return [f"{short(name)}{' (control)' * control}" for name, control in pairs]


def _squares(names: Sequence[str], panels: int) -> tuple[Figure, list[Axes]]:
    """A number of squares side by side; their rows are labelled once."""
    widest = max(len(name) for name in names) * LETTER_WIDTH
    cell = _CELL if len(names) ** 2 <= MAX_WRITTEN else _SMALL_CELL
    side = max(cell * len(names), _LEAST)
    figure = new_figure(widest + panels * (side + 0.3) + 0.6, widest + side + 1.2)
    return figure, list(figure.subplots(1, panels, sharey=True, squeeze=False)[0])


def _square(systems: pd.DataFrame, pairs: pd.DataFrame, value: str, sign: float) -> pd.DataFrame:
    """The value of each pair of systems, and `sign` times the value in the opposite cell."""
    names = systems["system"]
    one = pairs.pivot_table(index="system_a", columns="system_b", values=value, aggfunc="first")
    both = one.combine_first(sign * one.T)
    return both.reindex(index=names, columns=names).astype(float)


def _left_out(systems: pd.DataFrame) -> list[str]:
    rest, cells = len(systems) - MAX_SYSTEMS, min(len(systems), MAX_SYSTEMS) ** 2
    lines = []
    if cells > MAX_WRITTEN:
        lines.append(f"{cells} cells are too many for numbers; the table has them.")
    if rest > 0:
        lines.append(f"Not shown: the {rest} systems after row {MAX_SYSTEMS}.")
    return lines
