"""What each judge says of each system, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.cells import Numbers, Scale, draw_cells, name_columns
from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.labels import entry_label, names_line, short
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, prepare_rows, row_caption, row_figure
from modellab.reporting.plots.style import LETTER_WIDTH, frame

TITLE = "Judges compared"
#: metrics that have a panel
MAX_PANELS = 8
_COLUMN_WIDTH = 0.55
#: with its interval beside it
_WIDE_COLUMN = 0.95
#: with more columns there is no room for intervals
MAX_WIDE = 12


def draw(data: PlotData) -> Figure:
    """A panel per metric: a row per system, a column per judge that gave it a value."""
    rows = [row for row in data.table("judge_scores") if row["value"]]
    entries, left_out = best_rows(data.models)
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    if not metrics:
        raise NothingToShow("No judge gave a system a value, so there is nothing to show.")
    labels, shown = [entry_label(entry) for entry in entries], metrics[:MAX_PANELS]
    panels = [[row for row in rows if row["metric"] == metric] for metric in shown]
    judges = [list(dict.fromkeys(row["judge"] for row in panel)) for panel in panels]
    wide = sum(map(len, judges)) <= MAX_WIDE
    ratios = [_width(*named, wide) for named in zip(shown, judges, strict=True)]
    figure = row_figure(labels, ratios)
    longest = max(len(short(judge)) for named in judges for judge in named)
    figure.set_figheight(figure.get_figheight() + longest * LETTER_WIDTH)
    grid = figure.subplots(1, len(shown), sharey=True, squeeze=False, width_ratios=ratios)[0]
    for axes, metric, panel, names in zip(grid, shown, panels, judges, strict=True):
        values, texts = _values(panel, entries, names, wide)
        prepare_rows(axes, labels)
        top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
        draw_cells(axes, values, texts, Scale(0.0, max(1.0, top)))
        name_columns(axes, [short(name) for name in names], upright=True)
        axes.set_xlabel(_title(metric))
    caption = [
        *row_caption(data.models, entries, left_out),
        "Means of what the judge could score, in the metric's own scale; colours from 0 to the "
        "largest of the panel (at least 1). Grey: no value. !: the judge could score too few "
        "answers. In order of the overall score.",
        "±: half of the 95% interval of the mean, over questions; none where all scores are alike."
        if wide
        else f"More than {MAX_WIDE} columns have no room for intervals; the table has them.",
        *names_line("Not shown (metrics)", [_title(metric) for metric in metrics[MAX_PANELS:]]),
    ]
    frame(figure, TITLE, caption)
    return figure


def _width(metric: str, judges: Sequence[str], wide: bool) -> float:
    return (
        max(
            (_WIDE_COLUMN if wide else _COLUMN_WIDTH) * len(judges),
            len(_title(metric)) * LETTER_WIDTH,
        )
        + 0.25
    )


def _title(metric: str) -> str:
    return short(metric.replace("_", " ").capitalize())


def _values(
    rows: Sequence[Row], entries: Sequence[Entry], judges: Sequence[str], wide: bool
) -> tuple[Numbers, list[list[str]]]:
    """(systems, judges) of numbers, NaN where the judge has no value, and of texts."""
    found = {(row["model"], row["retriever"], row["judge"]): row for row in rows}
    table = [
        [found.get((entry.model.name, entry.summary.retriever, judge)) for judge in judges]
        for entry in entries
    ]
    values = [[float(row["value"]) if row else np.nan for row in line] for line in table]
    return np.array(values), [[_cell(row, wide) for row in line] for line in table]


def _cell(row: Row | None, wide: bool) -> str:
    if row is None:
        return ""
    return f"{float(row['value']):.2f}{'!' if row['marked'] else ''}{_reach(row) if wide else ''}"


def _reach(row: Row) -> str:
    """Half of the interval; the longer side where the end of the scale cuts the other."""
    if not row["low"] or not row["high"]:
        return ""
    value = float(row["value"])
    return f" ±{max(value - float(row['low']), float(row['high']) - value):.2f}"


PLOT = Plot("judge_comparison", TITLE, draw)
