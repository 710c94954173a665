"""Charts with a row per system: ranking, components, unique wins, shares, losses, noise."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from modellab.evaluation.compare.entries import ENSEMBLE, entry_name
from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import (
    BAR_HEIGHT,
    MAX_ROWS,
    best_rows,
    beyond,
    draw_bars,
    draw_intervals,
    row_chart,
    separate_controls,
    stacked_bars,
    system_chart,
    write_column,
)
from modellab.reporting.plots.style import (
    DASHED,
    GREY,
    INK,
    MUTED,
    PALETTE,
    family_colours,
    legend_above,
)
from modellab.reporting.plots.words import (
    about,
    component_label,
    interval_lines,
    names_line,
    score_text,
    scored_rows,
    short,
    source_line,
    span,
    system_labels,
    titled,
)

_UNKNOWN = "n/a: no answer could be scored, so there is no bar."
#: rows of the unique wins, also without a win
_LEAST_ROWS = 3
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


@plot("Overall ranking")
def overall_ranking(data: PlotData) -> Drawn:
    """One bar per system, best on top, controls below."""
    systems, left_out = best_rows(data)
    figure, axes = system_chart(data, systems, 5.0)
    axes.set_xlabel(titled(systems, data.overall))
    scores = systems[data.overall].astype(float)
    draw_bars(axes, systems, scores, data)
    write_column(axes, scores.map(score_text).to_list())
    draw_intervals(axes, data.intervals(data.overall, systems))
    unknown = [_UNKNOWN] if scores.isna().any() else []
    intervals = interval_lines(data, systems, [data.overall])
    return Drawn(figure, [*about(data, systems), *unknown, *intervals, *left_out])


@plot("Overall scores with their uncertainty")
def overall_scores(data: PlotData) -> Drawn:
    """A point per system on a scale that fits the intervals; hollow: tied with the best."""
    systems, left_out = best_rows(data)
    scores = systems[data.overall].astype(float)
    if scores.isna().all():
        raise NothingToShow("No system has an overall score.")
    figure, axes = system_chart(data, systems, 6.0)
    ends = data.intervals(data.overall, systems)
    every = pd.concat([scores, ends["low"], ends["high"]])
    room = 0.04 * max(every.max() - every.min(), 0.05)
    axes.set_xlim(every.min() - room, every.max() + room)
    axes.set_xlabel(titled(systems, data.overall))
    colours = systems["family"].map(family_colours(data.systems))
    tied = systems["system"].isin(_tied_with_the_best(data, systems))
    rows = range(len(systems))
    axes.hlines(rows, ends["low"], ends["high"], color=colours, linewidth=1.6)
    axes.scatter(scores, rows, s=36, color=colours.mask(tied, "white"), ec=colours, zorder=3)
    if not systems["control"].iloc[0]:
        axes.axvline(scores.iloc[0], color=MUTED, linewidth=0.8, linestyle=DASHED, zorder=1)
    write_column(axes, scores.map(score_text).to_list())
    caption = [
        *about(data, systems),
        *interval_lines(data, systems, [data.overall]),
        "The axis does not start at 0. Dashed: the best score of a contender.",
        *(["Hollow: statistically tied with the best."] if tied.any() else []),
        *left_out,
    ]
    return Drawn(figure, caption)


def _tied_with_the_best(data: PlotData, systems: pd.DataFrame) -> set[str]:
    rows, best = data.table("comparisons"), systems["system"].iloc[0]
    if rows.empty:
        return set()
    rows = rows[(rows["component"] == data.overall) & (rows["distinguishable"] == False)]  # noqa: E712
    with_best = rows[(rows["system_a"] == best) | (rows["system_b"] == best)]
    return {*with_best["system_a"], *with_best["system_b"]} - {best}


@plot("Score breakdown")
def score_breakdown(data: PlotData) -> Drawn:
    """A panel per component over the same rows, the overall score darkest."""
    systems, left_out = best_rows(data)
    figure, grid = row_chart(system_labels(systems), [2.4] * len(data.components))
    shades = sns.color_palette("YlGnBu", len(data.components) + 1)[1:]
    for axes, component, shade in zip(grid, data.components, shades, strict=True):
        scores = systems[component].astype(float)
        axes.barh(range(len(systems)), scores.fillna(0.0), height=BAR_HEIGHT, color=shade, lw=0)
        write_column(axes, scores.map(score_text).to_list())
        draw_intervals(axes, data.intervals(component, systems))
        separate_controls(axes, systems)
        axes.set(title=component_label(component), xlabel=scored_rows(systems, component))
    unknown = [_UNKNOWN] if systems[list(data.components)].isna().any(axis=None) else []
    intervals = interval_lines(data, systems, data.components)
    return Drawn(figure, [*about(data, systems), *unknown, *intervals, *left_out])


@plot("Unique wins")
def unique_wins(data: PlotData) -> Drawn:
    """A bar per contender: the questions that it alone, of all contenders, answers right."""
    every, _ = best_rows(data, controls=False)
    systems = data.systems[~data.systems["control"]]
    if len(systems) < 2:
        raise NothingToShow("Fewer than two systems compete: every right answer would be unique.")
    right = data.right()[systems["system"]] == 1.0
    if right.empty:
        raise NothingToShow("The answers of this task are not right or wrong.")
    votes = systems.set_index("system")["provider"] == ENSEMBLE
    # an ensemble takes no win from others: its answers are theirs
    own = right.loc[:, ~votes]
    alone = own[own.sum(axis=1) == 1].sum()
    alone = alone.add(right[right.sum(axis=1) == 1].sum()[votes], fill_value=0)
    wins = every["system"].map(alone).astype(float).sort_values(ascending=False, kind="stable")
    wins = wins.head(max(int((wins > 0).sum()), _LEAST_ROWS))
    shown = every.loc[wins.index]
    figure, axes = system_chart(data, shown, 4.6)
    draw_bars(axes, shown, wins, data)
    axes.set_xlim(0, max(wins.max(), 1) * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Questions that no other system answers right")
    write_column(axes, wins.astype(int).astype(str).to_list())
    rest, (questions, count) = len(systems) - len(shown), right.shape
    caption = [
        *about(data, shown),
        f"Of {questions} questions, one system alone is right on {int(alone.sum())}, all {count} "
        f"on {int(right.all(axis=1).sum())}, none on {int((~right.any(axis=1)).sum())}. "
        "First repeat.",
        *([f"Without a unique win: {rest} other systems."] if rest else []),
        *(["An ensemble takes no win from others: its answers are theirs."] * bool(votes.any())),
    ]
    return Drawn(figure, caption)


@plot("Questions without an answer")
def refusal_rates(data: PlotData) -> Drawn:
    """Shares of all expected answers, in order of the overall score."""
    systems, left_out = best_rows(data)
    counts = systems.assign(rightly=systems["abstained"] - systems["declined"])
    counts = counts[list(_WITHOUT_ANSWER)].astype(float)
    shares = counts.div(systems["rows"].where(systems["rows"] > 0), axis=0).fillna(0.0)
    totals = shares.sum(axis=1)
    figure, [axes] = row_chart(system_labels(systems), [_WIDTH])
    patches = stacked_bars(axes, shares, _WITHOUT_ANSWER)
    separate_controls(axes, systems)
    axes.set_xlim(0, min(1.0, 1.05 * max(totals.max(), 0.1)))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    axes.set_xlabel(f"Share of questions without an answer (n = {span(systems['rows'])})")
    write_column(axes, [f"{100 * total:.1f}%" for total in totals])
    legend_above(axes, list(patches.values()), _WIDTH)
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
    patches = stacked_bars(axes, parts, _NOISE)
    axes.set_xlim(0, 1.05 * max(errors.max(), spread.max(), 1e-6))
    axes.set_xlabel(f"{component_label(data.overall)}: standard error")
    write_column(axes, [f"{error:.3f}" for error in errors])
    places = [place for place, value in enumerate(spread) if value > 0]
    axes.scatter(spread.iloc[places], places, 34, INK, marker="D", edgecolors="white", zorder=3)
    legend: list[Artist] = [patch for name, patch in patches.items() if parts[name].any()]
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
    legend: list[Artist] = list(stacked_bars(axes, parts, _LOSSES).values())
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
    better = int((rows["retrieved"] > rows["oracle"]).sum())
    unknown = every[~every["system"].isin(known["system"])]["system"]
    table = "error_attribution.csv"
    caption = [
        source_line(data),
        "Over the questions that have an answer. Retrieval loss: score with the reference passages "
        "minus score; reading loss: 1 minus score with the reference passages.",
        *([f"Lines: {', '.join(levels)} intervals of the score."] if levels else []),
        *([f"In {better} rows the retrieved passages give a higher score."] if better else []),
        *beyond(len(known), "rows"),
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
