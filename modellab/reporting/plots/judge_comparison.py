"""What each judge says of each system, side by side."""

from __future__ import annotations

import pandas as pd

from modellab.reporting.plots.cells import Shades, draw_cells, name_cells
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, row_chart
from modellab.reporting.plots.style import LETTER_WIDTH
from modellab.reporting.plots.words import about, names_line, short, system_labels

#: metrics that have a panel
MAX_PANELS = 8
#: with more columns there is no room for intervals
MAX_WIDE = 12
_WIDE_COLUMN, _COLUMN = 0.95, 0.55


def draw(data: PlotData) -> Drawn:
    """A panel per metric: a row per system, a column per judge that gave it a value."""
    rows = data.table("judge_scores").dropna(subset=["value"])
    rows = rows.merge(data.systems[["model", "retriever", "system"]], on=["model", "retriever"])
    if rows.empty:
        raise NothingToShow("No judge gave a system a value.")
    systems, left_out = best_rows(data)
    labels, metrics = system_labels(systems), list(rows["metric"].unique())
    shown = metrics[:MAX_PANELS]
    judges = {one: list(rows[rows["metric"] == one]["judge"].unique()) for one in shown}
    wide = sum(map(len, judges.values())) <= MAX_WIDE
    column = _WIDE_COLUMN if wide else _COLUMN
    widths = [max(column * len(judges[m]), len(_title(m)) * LETTER_WIDTH) + 0.25 for m in shown]
    figure, grid = row_chart(labels, widths)
    longest = max(len(short(name)) for names in judges.values() for name in names)
    figure.set_figheight(figure.get_figheight() + longest * LETTER_WIDTH)
    rows = rows.assign(text=[_cell(row, wide) for _, row in rows.iterrows()])
    for axes, metric in zip(grid, shown, strict=True):
        panel = rows[rows["metric"] == metric]
        values, texts = (
            panel.pivot_table(index="system", columns="judge", values=one, aggfunc="first").reindex(
                index=systems["system"], columns=judges[metric]
            )
            for one in ("value", "text")
        )
        draw_cells(axes, values, texts.fillna(""), Shades.up_to(values.astype(float)))
        name_cells(axes, labels, [short(name) for name in judges[metric]], upright=True)
        axes.set_xlabel(_title(metric))
    caption = [
        *about(data, systems),
        "Means of what the judge could score, in the metric's own scale; colours from 0 to the "
        "largest of the panel (at least 1). Grey: no value. !: the judge could score too few "
        "answers. In order of the overall score.",
        "±: half of the 95% interval of the mean, over questions; none where all scores are alike."
        if wide
        else f"More than {MAX_WIDE} columns have no room for intervals; the table has them.",
        *names_line("Not shown (metrics)", map(_title, metrics[MAX_PANELS:]), "judge_scores.csv"),
        *left_out,
    ]
    return Drawn(figure, caption)


def _title(metric: str) -> str:
    return short(metric.replace("_", " ").capitalize())


def _cell(row: pd.Series, wide: bool) -> str:
    """With half of the interval; the longer side where the end of the scale cuts the other."""
    text = f"{row['value']:.2f}{'!' * bool(row['marked'])}"
    if not wide or pd.isna(row["low"]) or pd.isna(row["high"]):
        return text
    return f"{text} ±{max(row['value'] - row['low'], row['high'] - row['value']):.2f}"


PLOT = Plot("judge_comparison", "Judges compared", draw)
