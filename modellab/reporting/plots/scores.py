"""Scores of the systems, one row each: ranking, uncertainty, components, unique wins."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from modellab.evaluation.compare.entries import ENSEMBLE
from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import (
    BAR_HEIGHT,
    best_rows,
    draw_bars,
    draw_intervals,
    row_chart,
    separate_controls,
    system_chart,
    write_column,
)
from modellab.reporting.plots.style import DASHED, MUTED, family_colours
from modellab.reporting.plots.words import (
    about,
    component_label,
    interval_lines,
    score_text,
    scored_rows,
    system_labels,
    titled,
)

_UNKNOWN = "n/a: no answer could be scored, so there is no bar."
#: rows of the unique wins, also without a win
_LEAST_ROWS = 3


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
