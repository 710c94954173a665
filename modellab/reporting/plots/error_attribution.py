"""Where the score is lost: in retrieval, or in reading what was retrieved."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from modellab.evaluation.compare.entries import entry_name
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import (
    MAX_ROWS,
    draw_intervals,
    row_chart,
    stacked_bars,
    write_column,
)
from modellab.reporting.plots.style import APART, INK, legend_above
from modellab.reporting.plots.words import (
    component_label,
    names_line,
    score_text,
    short,
    source_line,
    span,
)

_PARTS = {
    "score": ("score", APART[0]),
    "retrieval": ("retrieval loss", APART[1]),
    "reading": ("reading loss", "#dcdcdc"),
}
_MARKERS = {
    "oracle": ("with the reference passages", "D"),
    "shuffled": ("with another question's passages", "v"),
    "none": ("without passages", "x"),
}
_WIDTH = 6.4


def draw(data: PlotData) -> Drawn:
    """One bar per system, best first, controls last: the score, and what each step loses."""
    every = data.table("error_attribution")
    every = every[every["component"] == data.overall]
    controls = set(data.systems[data.systems["control"]]["system"])
    names = [
        entry_name(model, retriever) if retriever else model
        for model, retriever in zip(every["model"], every["retriever"], strict=True)
    ]
    every = every.assign(system=names, control=[name in controls for name in names])
    known = every.dropna(subset=["retrieved", "oracle"])
    if known.empty:
        raise NothingToShow("No model was asked with retrieved and with reference passages.")
    known = known.sort_values(["control", "retrieved"], ascending=[True, False], kind="stable")
    rows = known.head(MAX_ROWS).reset_index(drop=True)
    labels = [
        f"{short(row.model)} @ {short(row.retriever, 20)}{' (control)' * bool(row.control)}"
        for row in rows.itertuples()
    ]
    figure, [axes] = row_chart(labels, [_WIDTH])
    loss = (rows["oracle"] - rows["retrieved"]).clip(lower=0.0)
    parts = pd.DataFrame({"score": rows["retrieved"], "retrieval": loss})
    parts["reading"] = (1.0 - parts.sum(axis=1)).clip(lower=0.0)
    stacked_bars(axes, parts, {name: colour for name, (_, colour) in _PARTS.items()})
    shown = _marks(axes, rows)
    draw_intervals(axes, range(len(rows)), _ends(rows))
    questions = f"{span(rows['n_questions'])} answerable questions"
    axes.set_xlabel(f"{component_label(data.overall)} ({questions})")
    write_column(axes, range(len(rows)), rows["retrieved"].map(score_text).to_list())
    patches: list[Artist] = [Patch(color=colour, label=label) for label, colour in _PARTS.values()]
    marks = [_mark(*_MARKERS[name]) for name in shown]
    legend_above(axes, [*patches, *marks], _WIDTH)
    return Drawn(figure, _caption(data, every, known, rows))


def _marks(axes: Axes, rows: pd.DataFrame) -> list[str]:
    """Where each model stands with other passages; gives the names of those there are."""
    shown = [name for name in _MARKERS if name in rows and rows[name].notna().any()]
    for name in shown:
        edge = None if _MARKERS[name][1] == "x" else "white"
        axes.scatter(
            rows[name],
            range(len(rows)),
            marker=_MARKERS[name][1],
            s=32,
            color=INK,
            zorder=4,
            edgecolors=edge,
        )
    return shown


def _mark(label: str, marker: str) -> Line2D:
    return Line2D([], [], linestyle="", color=INK, marker=marker, markersize=6, label=label)


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    ends = rows.reindex(columns=["retrieved_low", "retrieved_high"]).apply(pd.to_numeric)
    found: pd.DataFrame = ends.set_axis(["low", "high"], axis=1)
    return found


def _caption(
    data: PlotData, every: pd.DataFrame, known: pd.DataFrame, rows: pd.DataFrame
) -> list[str]:
    better = int((rows["retrieved"] > rows["oracle"]).sum())
    rest = every[~every["system"].isin(known["system"])]["system"]
    levels = sorted({f"{one:.0%}" for one in rows[_ends(rows)["low"].notna()]["confidence"]})
    more = len(known) - len(rows)
    return [
        source_line(data),
        "Over the questions that have an answer. Retrieval loss: score with the reference passages "
        "minus score; reading loss: 1 minus score with the reference passages.",
        *[f"Lines: {', '.join(levels)} intervals of the score."] * bool(levels),
        *[f"In {better} rows the retrieved passages serve better than the references."]
        * (better > 0),
        *[f"Not shown: the {more} rows after place {MAX_ROWS}."] * (more > 0),
        *names_line(
            "Not shown (no score with references)", rest.to_list(), "error_attribution.csv"
        ),
    ]


PLOT = Plot("error_attribution", "Loss in retrieval and in reading", draw)
