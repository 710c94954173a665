"""Which label the systems give in place of which true one."""

from __future__ import annotations

import pandas as pd

from modellab.reporting.plots.cells import Shades, draw_cells, name_cells
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import LETTER_WIDTH, new_figure
from modellab.reporting.plots.words import about, names_line, short

#: systems that have a panel, and panels of one line
MAX_PANELS, _IN_A_LINE = 6, 3
#: labels that a panel has room for
MAX_LABELS = 30
_CELL, _LEAST = 0.5, 2.2


def draw(data: PlotData) -> Drawn:
    """A square per system, the best ones first: a row per true label, a column per given one."""
    counts = data.table("confusion")
    if counts.empty or not counts["count"].sum():
        raise NothingToShow("No system gave a label to a text whose label is known.")
    labels = list(counts["true"].unique())
    if len(labels) > MAX_LABELS:
        raise NothingToShow(f"{len(labels)} labels are too many for a picture: see confusion.csv.")
    given = list(counts["given"].unique())
    counts = counts.merge(data.systems[["model", "retriever", "system"]])
    systems = data.systems[data.systems["system"].isin(counts["system"])]
    shown, rest = systems.head(MAX_PANELS), list(systems["system"])[MAX_PANELS:]
    across = min(len(shown), _IN_A_LINE)
    down = -(-len(shown) // across)
    widest = max(len(short(name)) for name in given) * LETTER_WIDTH
    longest = max(len(short(name)) for name in shown["system"]) * LETTER_WIDTH
    width = max(_CELL * len(given), longest, _LEAST)
    height = max(_CELL * len(labels), _LEAST * 0.7) + widest + 0.8
    figure = new_figure(widest + across * (width + 0.4) + 0.4, down * height + 0.6)
    grid = figure.subplots(down, across, sharey=True, squeeze=False).flat
    kappas = _kappas(data)
    for axes, (system, model) in zip(grid, shown[["system", "model"]].to_numpy(), strict=False):
        own = counts[counts["system"] == system]
        cells = own.pivot(index="true", columns="given", values="count")
        cells = cells.reindex(index=labels, columns=given)
        shares = cells.div(cells.sum(axis=1).replace(0, float("nan")), axis=0)
        draw_cells(axes, shares, cells.astype(int).astype(str), Shades())
        name_cells(axes, [short(name) for name in labels], [short(name) for name in given], True)
        axes.set_xlabel(
            "\n".join([short(system), kappas.get(system) or kappas.get(model, "")]).strip()
        )
    for axes in list(grid):
        axes.remove()
    caption = [
        *about(data, shown),
        "Rows: true labels; columns: labels given; (none): no readable label. Counts of texts, "
        "coloured by their share of the row.",
        "Kappa: Cohen's, with the true labels, over texts with a readable label.",
        *names_line("Not shown", rest, "confusion.csv"),
    ]
    return Drawn(figure, caption)


def _kappas(data: PlotData) -> dict[str, str]:
    """Agreement with the true labels beyond chance, in words, by system or by model."""
    rows = data.table("label_agreement")
    if rows.empty:
        return {}
    rows = rows[(rows["metric"] == "truth_kappa") & rows["value"].notna()]
    return {
        str(row["system_a"]): f"kappa {row['value']:.2f}{_span(row)}" for _, row in rows.iterrows()
    }


def _span(row: pd.Series) -> str:
    known = pd.notna(row["low"]) and pd.notna(row["high"])
    return f" ({row['low']:.2f} to {row['high']:.2f})" if known else ""


PLOT = Plot("confusion_matrix", "Labels confused", draw)
