"""Where the score is lost: in retrieval, or in reading what was retrieved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from modellab.evaluation.compare.entries import components_of, entry_name, standings
from modellab.reporting.plots.data import PlotData, Row
from modellab.reporting.plots.labels import (
    component_label,
    score_text,
    short,
    shortened_line,
    source_line,
)
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import MAX_ROWS, prepare_rows, row_figure, write_column
from modellab.reporting.plots.style import INK, frame, legend_above

TITLE = "Loss in retrieval and in reading"
#: inches
_FOR_LEGEND = 0.5
PANEL_WIDTH = 6.4
_RETRIEVED, _RETRIEVAL_LOSS, _READING_LOSS = "#0173b2", "#de8f05", "#dcdcdc"
_MARKERS: Mapping[str, tuple[str, str]] = {
    "oracle": ("with the reference passages", "D"),
    "shuffled": ("with another question's passages", "v"),
    "none": ("without passages", "x"),
}


def draw(data: PlotData) -> Figure:
    """One bar per system, best first, controls last: the score, and what each step loses."""
    overall = components_of(data.models)[-1]
    controls = {entry.name for entry in standings(data.models).controls}
    every = [row for row in data.table("error_attribution") if row["component"] == overall]
    rows = sorted(
        (row for row in every if _known(row)),
        key=lambda row: (_name(row) in controls, -_number(row["retrieved"])),
    )
    if not rows:
        raise NothingToShow(
            "No model was asked with retrieved and with reference passages, so there is nothing "
            "to show."
        )
    shown = rows[:MAX_ROWS]
    labels = [
        f"{short(row['model'])} @ {short(row['retriever'])}"
        f"{' [control]' * (_name(row) in controls)}"
        for row in shown
    ]
    figure = row_figure(labels, [PANEL_WIDTH])
    # the legend may take two lines more than that of other plots with rows
    figure.set_figheight(figure.get_figheight() + _FOR_LEGEND)
    axes = figure.subplots()
    prepare_rows(axes, labels)
    counts = sorted({int(row["n_questions"]) for row in shown})
    questions = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
    axes.set_xlabel(f"{component_label(overall)} ({questions} answerable questions)")
    _bars(axes, shown)
    _marks(axes, shown)
    _whiskers(axes, shown)
    write_column(axes, range(len(shown)), [score_text(_number(row["retrieved"])) for row in shown])
    _legend(axes, shown)
    frame(figure, TITLE, _caption(data, every, rows))
    return figure


def _bars(axes: Axes, rows: Sequence[Row]) -> None:
    places = range(len(rows))
    retrieved = [_number(row["retrieved"]) for row in rows]
    losses = [max(_number(row["oracle"]) - _number(row["retrieved"]), 0.0) for row in rows]
    starts = [one + other for one, other in zip(retrieved, losses, strict=True)]
    axes.barh(places, retrieved, height=0.72, color=_RETRIEVED)
    axes.barh(places, losses, left=retrieved, height=0.72, color=_RETRIEVAL_LOSS)
    rest = [max(1 - start, 0.0) for start in starts]
    axes.barh(places, rest, left=starts, height=0.72, color=_READING_LOSS)


def _marks(axes: Axes, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        for column, (_, marker) in _MARKERS.items():
            value = _number(row[column])
            if not math.isnan(value):
                axes.plot(value, place, **_look(marker), clip_on=False)


def _whiskers(axes: Axes, rows: Sequence[Row]) -> None:
    """The interval of each score, at the end of its bar."""
    for place, row in enumerate(rows):
        low, high = _number(row["retrieved_low"]), _number(row["retrieved_high"])
        if not math.isnan(low + high):
            axes.hlines(place, low, high, color=INK, linewidth=1.1)
            axes.plot([low, high], [place] * 2, color=INK, linestyle="", marker="|", markersize=6)


def _look(marker: str) -> dict[str, Any]:
    edge = INK if marker == "x" else "white"
    return {
        "marker": marker,
        "color": INK,
        "markeredgecolor": edge,
        "markeredgewidth": 1.4 if marker == "x" else 0.8,
        "markersize": 6,
        "linestyle": "",
    }


def _legend(axes: Axes, rows: Sequence[Row]) -> None:
    patches = [
        Patch(color=_RETRIEVED, label="score"),
        Patch(color=_RETRIEVAL_LOSS, label="lost in retrieval"),
        Patch(color=_READING_LOSS, label="lost in reading"),
    ]
    marks = [
        Line2D([], [], label=label, **_look(marker))
        for column, (label, marker) in _MARKERS.items()
        if any(row[column] for row in rows)
    ]
    legend_above(axes, [*patches, *marks], PANEL_WIDTH)


def _caption(data: PlotData, every: Sequence[Row], rows: Sequence[Row]) -> list[str]:
    names = [_name(row) for row in every if not _known(row)]
    more = sum(_number(row["retrieved"]) > _number(row["oracle"]) for row in rows)
    lines = [
        source_line(data.models),
        "Answerable questions only: no retriever could find passages for the others.",
        "Up to the diamond: what better retrieval could win. Beyond it: what is lost although the "
        "reference passages are read.",
    ]
    lines += _sure(rows)
    if more:
        where = f"{more} {'row' if more == 1 else 'rows'}"
        lines.append(f"In {where} the retrieved passages serve better than the references.")
    if len(rows) > MAX_ROWS:
        lines.append(f"Not shown: the {len(rows) - MAX_ROWS} rows after place {MAX_ROWS}.")
    if names:
        lines.append(f"Not shown (no score with references): {', '.join(map(short, names))}.")
    return [*lines, *shortened_line([row["model"] for row in rows])]


def _sure(rows: Sequence[Row]) -> list[str]:
    levels = {f"{float(row['confidence']):.0%}" for row in rows if row["retrieved_low"]}
    return [f"Lines: {', '.join(sorted(levels))} intervals of the score."] * bool(levels)


def _name(row: Row) -> str:
    """A model that was never asked with retrieved passages has no retriever here."""
    return entry_name(row["model"], row["retriever"]) if row["retriever"] else row["model"]


def _known(row: Row) -> bool:
    return not math.isnan(_number(row["retrieved"]) + _number(row["oracle"]))


def _number(cell: str) -> float:
    return float(cell) if cell else math.nan


PLOT = Plot("error_attribution", TITLE, draw)
