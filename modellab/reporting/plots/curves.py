"""Lines: retrieval by depth, calibration, profiles over the components of the score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from modellab.core.intervals.means import share_ends
from modellab.evaluation.calibration import BINS, bins_of, expected_calibration_error
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.data import NO_RETRIEVER, PlotData
from modellab.reporting.plots.style import (
    DASHED,
    LETTER_WIDTH,
    MUTED,
    colours_of,
    family_colours,
    legend_above,
    new_figure,
    panel_grid,
)
from modellab.reporting.plots.words import (
    about,
    component_label,
    interval_kind,
    names_line,
    short,
    source_line,
    span,
    system_labels,
    system_names,
)

#: of the intervals of each bin's share
CONFIDENCE_LEVEL = 0.95
#: systems with a panel of their calibration, and models with a profile: the best
MAX_CALIBRATIONS, MAX_PROFILES = 12, 6
_SHAPES = ("o", "s", "D", "^", "v", "P")
_DASHES = ("-", "--", ":", "-.", (0, (8, 2)), (0, (3, 3)))


@plot("Retrieval by depth")
def retrieval_by_k(data: PlotData) -> Drawn:
    """A row of panels per level, a panel per metric, a line per retriever with its band."""
    rows = data.table("retrieval")
    parts = rows["metric"].str.extract(r"^(?P<name>.*)@(?P<k>\d+)$")
    known = rows.join(parts).dropna(subset=["k", "value"])
    if known.empty:
        raise NothingToShow("No retriever has a metric by depth.")
    known = known.assign(k=known["k"].astype(int)).sort_values("k", kind="stable")
    known["place"] = known["k"].map(sorted(known["k"].unique()).index)
    names = list(rows["retriever"][rows["retriever"].isin(known["retriever"])].unique())
    metrics, levels = list(parts["name"].dropna().unique()), list(rows["level"].unique())
    width = max(3.3 * len(metrics), 6.4)
    figure = new_figure(width, 2.6 * len(levels) + 1.0)
    legend, grid = panel_grid(figure, len(levels) * len(metrics), len(metrics))
    handles: list[Artist] = []
    for axes, (level, metric) in zip(grid, product(levels, metrics), strict=True):
        chosen = known[(known["level"] == level) & (known["name"] == metric)]
        if chosen.empty:
            axes.remove()
            continue
        handles = _depth_panel(axes, chosen, names)
        axes.set_title(f"{component_label(metric)}, by {level}", fontsize=9)
    for handle, name in zip(handles, names, strict=True):
        handle.set_label(short(name))
    legend_above(legend, handles, width - 1)
    bands = known[known["low"].notna() & known["high"].notna()]
    depthless = rows[parts["k"].isna()]["metric"].str.replace("_", " ").unique()
    lost, table = sorted(set(rows["retriever"]) - set(names)), "retrieval.csv"
    caption = [
        source_line(data),
        f"Questions behind each point: {span(known['n_scored'])}.",
        *([f"Bands: {interval_kind(bands)}."] if len(bands) else []),
        *names_line("Not shown (no value)", lost, table),
        *names_line("Not shown, since they have no depth", depthless, table),
    ]
    return Drawn(figure, caption)


def _depth_panel(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> list[Artist]:
    """Lines and bands of one metric; returns the handles of the legend."""
    colours = colours_of(names)
    sns.lineplot(
        rows,
        x="place",
        y="value",
        hue="retriever",
        style="retriever",
        hue_order=names,
        style_order=names,
        palette=colours,
        marker="o",
        markersize=4,
        linewidth=1.6,
        errorbar=None,
        ax=axes,
    )
    for name, band in rows.dropna(subset=["low", "high"]).groupby("retriever"):
        ends = (band["place"], band["low"], band["high"])
        axes.fill_between(*ends, color=colours[str(name)], alpha=0.13, linewidth=0)
    handles, _ = axes.get_legend_handles_labels()
    axes.get_legend().remove()  # type: ignore[union-attr]
    depths = rows.drop_duplicates("k")
    axes.set_xticks(depths["place"], depths["k"].astype(str))
    axes.set(ylim=(0, 1.02), xlabel="k (first results)", ylabel="")
    return list(handles)


@plot("Calibration of confidence")
def calibration(data: PlotData) -> Drawn:
    """A panel per system: the share of right answers against confidence, areas by n."""
    found = _confidences(data)
    systems = data.systems.assign(label=system_labels(data.systems))
    known = systems[systems["system"].isin(found)]
    if known.empty:
        raise NothingToShow(
            "No answer comes with a confidence (`confidence: true` of a transformers model)."
        )
    shown = known.head(MAX_CALIBRATIONS)
    columns = min(len(shown), 4)
    width = max(3.0, shown["label"].str.len().max() * LETTER_WIDTH * 1.1 + 0.5)
    figure = new_figure(width * columns, 3.1 * -(-len(shown) // columns) + 0.8)
    _, grid = panel_grid(figure, len(shown), columns)
    colours = family_colours(data.systems)
    for axes, row in zip(grid, shown.itertuples(), strict=True):
        _calibration_panel(axes, found[str(row.system)], colours[str(row.family)])
        axes.set_title(str(row.label), fontsize=9)
    without = system_names(systems[~systems["system"].isin(found)], systems)
    caption = [
        *about(data, shown),
        "Confidence: geometric mean of the probabilities of an answer's tokens. "
        f"{BINS} bins of equal width; areas of dots grow with the answers in them. On the dashed "
        "line, confidence equals the share of right answers. First repeat.",
        f"Vertical lines: {CONFIDENCE_LEVEL:.0%} intervals of the share right (Wilson).",
        "ECE: expected calibration error, the mean distance from the line weighted by n.",
        *names_line("Not shown (after the best)", known["system"].iloc[MAX_CALIBRATIONS:]),
        *names_line("Not shown (no confidence)", without),
    ]
    return Drawn(figure, caption)


def _confidences(data: PlotData) -> dict[str, list[tuple[float, bool]]]:
    """By system the confidence of each answer and whether it is right."""
    answers, rows = data.table("predictions"), data.table("rows")
    if answers.empty or answers["confidence"].isna().all():
        return {}
    names = ["system", "question_id"]
    answers = answers[answers["confidence"].notna() & (answers["repeat"] == FIRST_REPEAT)]
    rows = rows[(rows["repeat"] == FIRST_REPEAT) & (rows["outcome"] != "")]
    texts = dict.fromkeys(names, str)
    both = answers[[*names, "confidence"]].astype(texts).merge(rows.astype(texts), on=names)
    both["right"] = both["outcome"] == "right"
    return {
        str(name): list(zip(group["confidence"].astype(float), group["right"], strict=True))
        for name, group in both.groupby("system")
    }


def _calibration_panel(axes: Axes, pairs: Sequence[tuple[float, bool]], colour: str) -> None:
    found = bins_of(pairs)
    bins = pd.DataFrame(found)
    # no bin is empty
    ends = (share_ends(round(b.accuracy * b.count), b.count, CONFIDENCE_LEVEL) for b in found)
    lows, highs = zip(*filter(None, ends), strict=True)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=DASHED)
    axes.plot(bins["confidence"], bins["accuracy"], color=colour, linewidth=1.0)
    axes.vlines(bins["confidence"], lows, highs, color=colour, linewidth=0.9, alpha=0.6)
    dots = 12 + 180 * bins["count"] / len(pairs)
    axes.scatter(bins["confidence"], bins["accuracy"], s=dots, color=colour, linewidth=0, zorder=3)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.06, 1.06), xlabel="Confidence", ylabel="Share right")
    error = f"ECE {expected_calibration_error(pairs):.3f}, n = {len(pairs)}"
    axes.text(0.03, 0.97, error, va="top", fontsize=8)


@plot("Profiles by retriever")
def metric_profile(data: PlotData) -> Drawn:
    """The components of the best models side by side, a panel per retriever; without overall."""
    parts = list(data.components[:-1])
    if len(parts) < 2:
        raise NothingToShow("The score has fewer than two components.")
    systems = data.systems
    models = list(systems["model"].unique())
    shown = systems[systems["model"].isin(models[:MAX_PROFILES])]
    long = shown.melt(["model", "retriever"], parts, "component", "score").dropna()
    long["component"] = long["component"].map(component_label)
    best = shown.drop_duplicates("model")
    colours = dict(zip(best["model"], best["family"].map(family_colours(systems)), strict=True))
    retrievers = list(shown["retriever"].unique())
    columns = min(len(retrievers), 3)
    width = max(max(3.4, 1.3 * len(parts)) * columns, 6.4)
    figure = new_figure(width, 3.0 * -(-len(retrievers) // columns) + 1.0)
    legend, grid = panel_grid(figure, len(retrievers), columns)
    for axes, retriever in zip(grid, retrievers, strict=True):
        sns.pointplot(
            long[long["retriever"] == retriever],
            x="component",
            y="score",
            hue="model",
            hue_order=models[:MAX_PROFILES],
            order=[component_label(one) for one in parts],
            palette=colours,
            markers=list(_SHAPES[: len(models)]),
            linestyles=list(_DASHES[: len(models)]),
            linewidth=1.4,
            markersize=5,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        control = shown[shown["retriever"] == retriever]["control"].all()
        name = "own file" if retriever == NO_RETRIEVER else short(retriever, 24)
        title = f"{name}{' (control)' * bool(control)}"
        axes.set(ylim=(-0.04, 1.04), xlabel="", ylabel="", title=title)
        axes.tick_params(axis="x", rotation=30 if len(parts) > 3 else 0, labelsize=8)
    looks = zip(colours.items(), _SHAPES, _DASHES, strict=False)
    handles = [
        Line2D([], [], color=colour, marker=shape, ls=dash, markersize=5, label=short(name))
        for (name, colour), shape, dash in looks
    ]
    legend_above(legend, handles, width - 1)
    rest = len(models) - MAX_PROFILES
    caption = [
        *about(data, shown, labelled=False),
        *([f"Shown: the {MAX_PROFILES} best models; {rest} others are not."] if rest > 0 else []),
        *names_line("Some metrics have no value", shown[shown[parts].isna().any(axis=1)]["system"]),
    ]
    return Drawn(figure, caption)
