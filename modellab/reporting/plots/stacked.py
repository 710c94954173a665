"""Stacked bars, one per system: questions without an answer, lost score, sources of noise."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from modellab.evaluation.compare.entries import entry_name
from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import (
    MAX_ROWS,
    best_rows,
    draw_intervals,
    row_chart,
    separate_controls,
    stacked_bars,
    write_column,
)
from modellab.reporting.plots.style import GREY, INK, PALETTE, legend_above
from modellab.reporting.plots.words import (
    about,
    component_label,
    names_line,
    score_text,
    short,
    source_line,
    span,
    system_labels,
)

#: label and colour of the parts of a bar, in order
_WITHOUT_ANSWER = {
    "rightly": ("abstained: there is no answer", PALETTE[2]),
    "declined": ("declined: there is an answer", PALETTE[8]),
    "unparsed": ("unreadable", PALETTE[1]),
    "failed": ("request failed", PALETTE[3]),
    "missing": ("missing", GREY),
}
_LOSSES = {
    "score": ("score", PALETTE[0]),
    "retrieval": ("retrieval loss", PALETTE[1]),
    "reading": ("reading loss", "#dcdcdc"),
}
_NOISE = {
    "questions": ("questions", PALETTE[0]),
    "repeats": ("repeats (sampling)", PALETTE[1]),
    "questions_and_repeats": ("questions and sampling, asked once", PALETTE[8]),
}
#: label and shape of the scores with other passages
_CONTROLS = {
    "oracle": ("with the reference passages", "D"),
    "shuffled": ("with another question's passages", "v"),
    "none": ("without passages", "x"),
}
_WIDTH = 6.0


def _colours(parts: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: colour for name, (_, colour) in parts.items()}


def _patches(parts: dict[str, tuple[str, str]]) -> list[Artist]:
    return [Patch(color=colour, label=label) for label, colour in parts.values()]


@plot("Questions without an answer")
def refusal_rates(data: PlotData) -> Drawn:
    """Shares of all expected answers, in order of the overall score."""
    systems, left_out = best_rows(data)
    counts = systems.assign(rightly=systems["abstained"] - systems["declined"])
    counts = counts[list(_WITHOUT_ANSWER)].astype(float)
    shares = counts.div(systems["rows"].where(systems["rows"] > 0), axis=0).fillna(0.0)
    totals = shares.sum(axis=1)
    figure, [axes] = row_chart(system_labels(systems), [_WIDTH])
    stacked_bars(axes, shares, _colours(_WITHOUT_ANSWER))
    separate_controls(axes, systems)
    axes.set_xlim(0, min(1.0, 1.05 * max(totals.max(), 0.1)))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    axes.set_xlabel(f"Share of questions without an answer (n = {span(systems['rows'])})")
    write_column(axes, [f"{100 * total:.1f}%" for total in totals])
    legend_above(axes, _patches(_WITHOUT_ANSWER), _WIDTH)
    caption = [
        *about(data, systems),
        "Abstaining is right if the documents have no answer. In order of the overall score.",
        *left_out,
    ]
    return Drawn(figure, caption)


@plot("Noise budget of the overall score")
def noise_budget(data: PlotData) -> Drawn:
    """Bars as long as the score's standard error, made of the shares of its variance."""
    rows = data.table("noise_budget")
    rows = rows[rows["component"] == data.overall]
    budget = rows.pivot_table(index="system", columns="source", values="variance", aggfunc="first")
    budget = budget.reindex(columns=[*_NOISE, "retriever"])
    systems, left_out = best_rows(data)
    systems = systems[systems["system"].isin(budget[list(_NOISE)].dropna(how="all").index)]
    if systems.empty:
        raise NothingToShow("No overall score has a noise budget.")
    budget = budget.reindex(systems["system"]).astype(float).fillna(0.0)
    variances, spread = budget[list(_NOISE)], budget["retriever"] ** 0.5
    total = variances.sum(axis=1)
    errors = total**0.5
    parts = variances.div(total.where(total > 0), axis=0).mul(errors, axis=0).fillna(0.0)
    figure, [axes] = row_chart(system_labels(systems), [_WIDTH])
    stacked_bars(axes, parts, _colours(_NOISE))
    axes.set_xlim(0, 1.05 * max(errors.max(), spread.max(), 1e-6))
    axes.set_xlabel(f"{component_label(data.overall)}: standard error")
    write_column(axes, [f"{error:.3f}" for error in errors])
    places = [place for place, value in enumerate(spread) if value > 0]
    axes.scatter(spread.iloc[places], places, 34, INK, marker="D", edgecolors="white", zorder=3)
    legend = _patches({name: part for name, part in _NOISE.items() if parts[name].any()})
    if places:
        diamond = Line2D([], [], ls="", color=INK, marker="D", ms=6, label="between retrievers")
        legend.append(diamond)
    legend_above(axes, legend, _WIDTH)
    caption = [
        *about(data, systems),
        "Bars: the standard error of the score, divided by the shares of its variance.",
        *(["Diamonds: how much a model's score differs between its retrievers."] * bool(places)),
        *left_out,
    ]
    return Drawn(figure, caption)


@plot("Loss in retrieval and in reading")
def error_attribution(data: PlotData) -> Drawn:
    """The score, and what retrieval and reading lose, best first and controls last."""
    every = _with_systems(data)
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
    stacked_bars(axes, parts, _colours(_LOSSES))
    legend = _patches(_LOSSES)
    for name, (label, shape) in _CONTROLS.items():
        if name in rows and rows[name].notna().any():
            edge = None if shape == "x" else "white"
            place = range(len(rows))
            axes.scatter(rows[name], place, marker=shape, s=32, color=INK, zorder=4, ec=edge)
            legend.append(Line2D([], [], ls="", color=INK, marker=shape, ms=6, label=label))
    ends = rows.reindex(columns=["retrieved_low", "retrieved_high"]).apply(pd.to_numeric)
    ends.columns = ["low", "high"]
    draw_intervals(axes, ends)
    questions = f"{span(rows['n_questions'])} answerable questions"
    axes.set_xlabel(f"{component_label(data.overall)} ({questions})")
    write_column(axes, rows["retrieved"].map(score_text).to_list())
    legend_above(axes, legend, _WIDTH)
    levels = sorted({f"{one:.0%}" for one in rows[ends["low"].notna()]["confidence"]})
    better, more = int((rows["retrieved"] > rows["oracle"]).sum()), len(known) - len(rows)
    unknown = every[~every["system"].isin(known["system"])]["system"]
    table = "error_attribution.csv"
    caption = [
        source_line(data),
        "Over the questions that have an answer. Retrieval loss: score with the reference passages "
        "minus score; reading loss: 1 minus score with the reference passages.",
        *([f"Lines: {', '.join(levels)} intervals of the score."] if levels else []),
        *([f"In {better} rows the retrieved passages give a higher score."] if better else []),
        *([f"Not shown: the {more} rows after row {MAX_ROWS}."] if more else []),
        *names_line("Not shown (no score with references)", unknown, table),
    ]
    return Drawn(figure, caption)


def _with_systems(data: PlotData) -> pd.DataFrame:
    rows = data.table("error_attribution")
    rows = rows[rows["component"] == data.overall]
    pairs = zip(rows["model"], rows["retriever"], strict=True)
    names = [entry_name(model, retriever) if retriever else model for model, retriever in pairs]
    rows = rows.assign(system=names)
    controls = data.systems[data.systems["control"]]["system"]
    return rows.assign(control=rows["system"].isin(controls))
