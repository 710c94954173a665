"""Charts with a row per system: ranking, components, unique wins, shares, losses, noise, time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.ticker import MaxNLocator

from modellab.core.efficiency import UNTIMED
from modellab.evaluation.compare.entries import entry_name
from modellab.reporting.plots import Drawn, NothingToShow, marks, plot, words
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.marks import MAX_ROWS, STACK_WIDTH, best_rows, beyond, write_column
from modellab.reporting.plots.style import DASHED, GREY, MUTED, PALETTE, legend_above, scale
from modellab.reporting.plots.words import about, names_line

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
#: shape and label of the scores with other passages
_CONTROLS = {
    "oracle": ("D", "with the reference passages"),
    "shuffled": ("v", "with another question's passages"),
    "none": ("x", "without passages"),
}


@plot("Overall ranking")
def overall_ranking(data: PlotData) -> Drawn:
    """One bar per system, best on top, controls below."""
    systems = best_rows(data)
    figure, axes = marks.system_chart(systems, 5.0)
    axes.set_xlabel(words.titled(systems, data.overall))
    marks.draw_bars(axes, systems, systems[data.overall])
    write_column(axes, systems[data.overall].map(words.score_text))
    marks.draw_intervals(axes, data.intervals(data.overall, systems))
    return Drawn(figure, _caption_of_scores(data, systems, [data.overall]))


@plot("Score breakdown")
def score_breakdown(data: PlotData) -> Drawn:
    """A panel per component over the same rows, the overall score darkest."""
    systems, components = best_rows(data), data.main_components
    count = len(components)
    figure, grid = marks.row_chart(words.system_labels(systems), [2.4] * count)
    shades = colormaps["YlGnBu"](np.linspace(0, 1, count + 3)[2:-1])
    for axes, component, shade in zip(grid, components, shades, strict=True):
        scores = systems[component]
        axes.barh(
            range(len(systems)), scores.fillna(0.0), marks.BAR_HEIGHT, color=shade, linewidth=0
        )
        write_column(axes, scores.map(words.score_text))
        marks.draw_intervals(axes, data.intervals(component, systems))
        marks.separate_controls(axes, systems)
        axes.set(
            title=words.component_label(component), xlabel=words.scored_rows(systems, component)
        )
    caption = _caption_of_scores(data, systems, components)
    return Drawn(figure, [*caption, words.left_out_line(data)])


def _caption_of_scores(
    data: PlotData, systems: pd.DataFrame, components: Sequence[str]
) -> list[str]:
    unknown = systems[list(components)].isna().any(axis=None)
    return [
        *about(data, systems),
        "n/a: no answer could be scored, so there is no bar." if unknown else "",
        *words.interval_lines(data, systems, components),
        beyond(len(data.systems)),
    ]


@plot("Overall scores with their uncertainty")
def overall_scores(data: PlotData) -> Drawn:
    """A point per system on a scale that fits the intervals; hollow: may be the best as well."""
    systems = best_rows(data)
    scores, ends = systems[data.overall], data.intervals(data.overall, systems)
    if scores.isna().all():
        raise NothingToShow("No system has an overall score.")
    figure, axes = marks.system_chart(systems, 6.0)
    every = pd.concat([scores, ends["low"], ends["high"]])
    room = 0.04 * max(every.max() - every.min(), 0.05)
    axes.set_xlim(every.min() - room, every.max() + room)
    axes.set_xlabel(words.titled(systems, data.overall))
    tied = systems["may_be_best"].astype(str).eq("True") & (systems.index > 0)
    rows, colours = range(len(systems)), systems["colour"]
    axes.hlines(rows, ends["low"], ends["high"], color=colours, linewidth=1.6)
    axes.scatter(scores, rows, s=36, color=colours.mask(tied, "white"), ec=colours, zorder=3)
    if not systems["control"].iloc[0]:
        axes.axvline(scores.iloc[0], color=MUTED, linewidth=0.8, linestyle=DASHED, zorder=1)
    write_column(axes, scores.map(words.score_text))
    caption = [
        *about(data, systems),
        *words.interval_lines(data, systems, [data.overall]),
        "The axis does not start at 0. Dashed: the best score of a contender.",
        "Hollow: may be the best as well, by the tests." if tied.any() else "",
        beyond(len(data.systems)),
    ]
    return Drawn(figure, caption)


@plot("Unique wins")
def unique_wins(data: PlotData) -> Drawn:
    """A bar per contender: the questions that it alone, of all contenders, answers right."""
    wins = data.table("unique_wins")[["system", "unique_wins", "n"]]
    if not wins["n"].any():
        raise NothingToShow("The answers of this task are not right or wrong.")
    ordered = data.systems.merge(wins, on="system")
    ordered = ordered.sort_values("unique_wins", ascending=False, kind="stable", ignore_index=True)
    most = max(int((ordered["unique_wins"] > 0).sum()), _LEAST_ROWS)
    shown = ordered.head(min(most, MAX_ROWS))
    figure, axes = marks.system_chart(shown, 4.6)
    marks.draw_bars(axes, shown, shown["unique_wins"])
    axes.set_xlim(0, max(shown["unique_wins"].max(), 1) * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Questions that no other system answers right")
    write_column(axes, shown["unique_wins"].map("{:.0f}".format))
    patterns = data.table("questions_by_difficulty")["pattern"]
    rest = len(ordered) - len(shown)
    caption = [
        *about(data, shown),
        f"Of {len(patterns)} questions, one system alone is right on {wins['unique_wins'].sum():g},"
        f" all {len(ordered)} on {(patterns == 'all_right').sum()}, none on "
        f"{(patterns == 'unanimous_error').sum()}. First repeat.",
        f"Without a unique win: {rest} other systems." if rest else "",
        "An ensemble takes no win from others: its answers are theirs."
        if (shown["origin"] == "ensemble").any()
        else "",
    ]
    return Drawn(figure, caption)


@plot("Questions without an answer")
def refusal_rates(data: PlotData) -> Drawn:
    """Shares of all expected answers, in order of the overall score."""
    systems = best_rows(data)
    counts = systems.assign(rightly=systems["abstained"] - systems["declined"])
    shares = counts[list(_WITHOUT_ANSWER)].div(systems["rows"].replace(0, np.nan), axis=0).fillna(0)
    totals = shares.sum(axis=1)
    figure, axes, legend = marks.stacked_chart(
        words.system_labels(systems), shares, _WITHOUT_ANSWER
    )
    marks.separate_controls(axes, systems)
    axes.set_xlim(0, min(1.0, 1.05 * max(totals.max(), 0.1)))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    axes.set_xlabel(f"Share of questions without an answer (n = {words.span(systems['rows'])})")
    write_column(axes, totals.map("{:.1%}".format))
    legend_above(axes, legend, STACK_WIDTH)
    line = "Abstaining is right if the documents have no answer. In order of the overall score."
    return Drawn(figure, [*about(data, systems), line, beyond(len(data.systems))])


@plot("Noise budget of the overall score")
def noise_budget(data: PlotData) -> Drawn:
    """Bars as long as the score's standard error, made of the shares of its variance."""
    rows = data.table("noise_budget")
    rows, parts = rows[rows["component"] == data.overall], list(_NOISE)
    budget = rows.pivot_table(index="system", columns="source", values="variance", aggfunc="first")
    budget = budget.reindex(columns=[*parts, "retriever"]).dropna(how="all", subset=parts)
    systems = best_rows(data)
    systems = systems[systems["system"].isin(budget.index)]
    if systems.empty:
        raise NothingToShow("No overall score has a noise budget.")
    budget = budget.reindex(systems["system"]).fillna(0.0)
    total, spread = budget[parts].sum(axis=1), budget["retriever"] ** 0.5
    errors = total**0.5
    shares = budget[parts].div(total.replace(0, np.nan), axis=0).mul(errors, axis=0).fillna(0.0)
    figure, axes, legend = marks.stacked_chart(words.system_labels(systems), shares, _NOISE)
    axes.set_xlim(0, 1.05 * max(errors.max(), spread.max(), 1e-6))
    axes.set_xlabel(f"{words.component_label(data.overall)}: standard error")
    write_column(axes, errors.map("{:.3f}".format))
    diamonds = marks.draw_points(axes, spread.where(spread > 0), "D", "between retrievers")
    legend_above(axes, [*legend, *diamonds], STACK_WIDTH)
    caption = [
        *about(data, systems),
        "Bars: the standard error of the score, divided by the shares of its variance.",
        "Diamonds: how much a model's score differs between its retrievers." if diamonds else "",
        beyond(len(data.systems)),
    ]
    return Drawn(figure, caption)


@plot("Loss in retrieval and in reading")
def error_attribution(data: PlotData) -> Drawn:
    """The score, and what retrieval and reading lose, best first and controls last."""
    rows = data.table("error_attribution")
    rows = rows[rows["component"] == data.overall]
    # a model without retrieved passages has a row of its own
    names = rows["model"].where(
        rows["retriever"] == "", list(map(entry_name, rows["model"], rows["retriever"]))
    )
    rows = rows.assign(system=names)
    known = rows.dropna(subset=["retrieved", "oracle"])
    if known.empty:
        raise NothingToShow("No model was asked with retrieved and with reference passages.")
    shared = data.systems[["system", "control", "coverage"]]
    known = known.merge(shared, on="system", how="left").sort_values(
        ["control", "retrieved"], ascending=[True, False], kind="stable"
    )
    shown = known.head(MAX_ROWS).reset_index(drop=True)
    loss = (shown["oracle"] - shown["retrieved"]).clip(lower=0.0)
    parts = pd.DataFrame({"score": shown["retrieved"], "retrieval": loss})
    parts["reading"] = (1.0 - parts.sum(axis=1)).clip(lower=0.0)
    figure, axes, legend = marks.stacked_chart(words.system_labels(shown), parts, _LOSSES)
    for name, look in _CONTROLS.items():
        legend += marks.draw_points(axes, shown.get(name, shown["oracle"] * np.nan), *look)
    ends = shown.reindex(columns=["retrieved_low", "retrieved_high"]).set_axis(
        ["low", "high"], axis=1
    )
    marks.draw_intervals(axes, ends)
    questions = f"{words.span(shown['n_questions'])} answerable questions"
    axes.set_xlabel(f"{words.component_label(data.overall)} ({questions})")
    write_column(axes, shown["retrieved"].map(words.score_text))
    legend_above(axes, legend, STACK_WIDTH)
    levels = sorted({f"{one:.0%}" for one in shown[ends["low"].notna()]["confidence"]})
    better = int((shown["retrieved"] > shown["oracle"]).sum())
    unknown = rows[~rows["system"].isin(known["system"])]["system"]
    caption = [
        *about(data, shown),
        "Over the questions that have an answer. Retrieval loss: score with the reference passages "
        "minus score; reading loss: 1 minus score with the reference passages.",
        f"Lines: {', '.join(levels)} intervals of the score." if levels else "",
        f"In {better} rows the retrieved passages give a higher score." if better else "",
        beyond(len(known), "rows"),
        names_line("Not shown (no score with references)", unknown, "error_attribution.csv"),
    ]
    return Drawn(figure, caption)


@plot("Distribution of latency")
def latency_distribution(data: PlotData) -> Drawn:
    """A box per system, the fastest median on top, with p50 and p95 beside it."""
    import seaborn as sns

    systems, rows = best_rows(data), data.table("predictions")
    rows = rows.assign(seconds=rows["latency_seconds"].astype(float)).dropna(subset=["seconds"])
    rows = rows[~rows["status"].isin(UNTIMED) & rows["system"].isin(systems["system"])]
    if rows.empty:
        raise NothingToShow("No answer has a latency.")
    points = {0.05: "p5", 0.5: "p50", 0.95: "p95"}
    quantiles = rows.groupby("system", observed=True)["seconds"].quantile(np.array(list(points)))
    found = systems.merge(quantiles.unstack().rename(columns=points), on="system")
    timed = found.sort_values("p50", kind="stable", ignore_index=True)
    labels, order = words.system_labels(timed), list(timed["system"])
    figure, [axes] = marks.row_chart(labels, [7.2])
    sns.boxplot(
        rows,
        x="seconds",
        y="system",
        order=order,
        hue="system",
        hue_order=order,
        palette=list(timed["colour"]),
        whis=(5, 95),
        showfliers=False,
        dodge=False,
        width=0.6,
        linewidth=1.1,
        legend=False,
        ax=axes,
    )
    marks.label_rows(axes, labels)
    scale(axes, "x", pd.concat([timed["p5"], timed["p95"]]), "Seconds from request to answer")
    write_column(axes, timed["p50"].map(_seconds) + " / " + timed["p95"].map(_seconds))
    legend_above(axes, marks.family_patches(timed), 6.0)
    untimed = systems[~systems["system"].isin(timed["system"])]
    caption = [
        *about(data, timed),
        "Whiskers: 5th to 95th percentile; box: middle half, with the median. Right: p50 / p95. "
        "Seconds from request to answer (of a whole batch if there is one), without waiting and "
        "without failed requests: the time a user waits, not the throughput.",
        *words.concurrency_lines(timed),
        names_line("Not shown (no latency)", words.system_names(untimed, systems)),
        beyond(len(data.systems)),
    ]
    return Drawn(figure, caption)


def _seconds(value: float) -> str:
    """With its unit: a plain number of two or three digits."""
    number, unit = (1000 * value, "ms") if value < 0.1 else (value, "s")
    return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"
