"""Lines: retrieval by depth, profiles over the components, calibration, memory along the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from modellab.core.intervals.means import share_ends
from modellab.evaluation.calibration import BINS, bins_of, expected_calibration_error
from modellab.reporting.plots import Drawn, NothingToShow, plot, words
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.style import (
    DASHED,
    LETTER_WIDTH,
    MUTED,
    PALETTE,
    colours_of,
    legend_above,
    panel_grid,
)
from modellab.reporting.plots.words import names_line, short

#: of the intervals of each bin's share
CONFIDENCE_LEVEL = 0.95
#: panels of calibration and models with a profile: the best; panels of memory: the largest
MAX_CALIBRATIONS, MAX_PROFILES, MAX_TIMELINES = 12, 6, 60
_SHAPES = ("o", "s", "D", "^", "v", "P")
_DASHES: Sequence[Any] = ("", (4, 1.5), (1, 1), (5, 1, 1, 1), (7, 1.5), (3, 2))


def _legend(colours: dict[str, str]) -> list[Line2D]:
    """Colour, shape and dashes of the lines by name."""
    found = []
    for (name, colour), shape, dash in zip(colours.items(), cycle(_SHAPES), cycle(_DASHES)):
        look: dict[str, Any] = {"color": colour, "marker": shape, "linestyle": (0, dash or None)}
        found.append(Line2D([], [], markersize=5, label=short(name), **look))
    return found


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
    metrics, levels = list(parts["name"].dropna().unique()), list(rows["level"].unique())
    names = [one for one in rows["retriever"].unique() if one in set(known["retriever"])]
    colours = {name: colours_of(names)[name] for name in names}
    figure, legend, grid = panel_grid(len(levels) * len(metrics), len(metrics), 3.3, 2.6)
    for axes, (level, metric) in zip(grid, product(levels, metrics), strict=True):
        chosen = known[(known["level"] == level) & (known["name"] == metric)]
        if chosen.empty:
            axes.remove()
            continue
        _draw_lines(axes, chosen, "retriever", colours)
        axes.set_title(f"{words.component_label(metric)}, by {level}", fontsize=9)
        depths = chosen.drop_duplicates("k")
        axes.set_xticks(depths["place"], depths["k"].astype(str))
        axes.set(ylim=(0, 1.02), xlabel="k (first results)")
    legend_above(legend, _legend(colours))
    bands = known.dropna(subset=["low", "high"])
    depthless = rows[parts["k"].isna()]["metric"].str.replace("_", " ").unique()
    lost, table = sorted(set(rows["retriever"]) - set(names)), "retrieval.csv"
    caption = [
        words.source_line(data),
        f"Questions behind each point: {words.span(known['n_scored'])}.",
        f"Bands: {words.interval_kind(bands)}." if len(bands) else "",
        names_line("Not shown (no value)", lost, table),
        names_line("Not shown, since they have no depth", depthless, table),
    ]
    return Drawn(figure, caption)


def _draw_lines(axes: Axes, rows: pd.DataFrame, by: str, colours: dict[str, str]) -> None:
    """A line per name through `value` at `place`, and its band from `low` to `high`."""
    import seaborn as sns

    names = list(colours)
    sns.lineplot(
        rows,
        x="place",
        y="value",
        hue=by,
        style=by,
        hue_order=names,
        style_order=names,
        palette=colours,
        markers=dict(zip(names, cycle(_SHAPES))),
        dashes=dict(zip(names, cycle(_DASHES))),
        estimator=None,
        markersize=6,
        legend=False,
        ax=axes,
    )
    for name, band in rows.dropna(subset=["low", "high"]).groupby(by):
        ends = (band["place"], band["low"], band["high"])
        axes.fill_between(*ends, color=colours[str(name)], alpha=0.13, linewidth=0)
    axes.set_ylabel("")


@plot("Profiles by retriever")
def metric_profile(data: PlotData) -> Drawn:
    """The components of the best models side by side, a panel per retriever; without overall."""
    parts = list(data.main_components[:-1])
    if len(parts) < 2:
        raise NothingToShow("The score has fewer than two components.")
    systems = data.systems
    models = systems.drop_duplicates("model").head(MAX_PROFILES)
    shown = systems[systems["model"].isin(models["model"])]
    colours = dict(zip(models["model"], models["colour"], strict=True))
    long = shown.melt(["model", "retriever"], parts, "component").dropna()
    long = long.assign(place=long["component"].map(parts.index), low=np.nan, high=np.nan)
    retrievers = shown.groupby("retriever", sort=False)["control"].all()
    figure, legend, grid = panel_grid(len(retrievers), 3, max(3.4, 1.3 * len(parts)), 3.0)
    for axes, (retriever, control) in zip(grid, retrievers.items(), strict=True):
        _draw_lines(axes, long[long["retriever"] == retriever], "model", colours)
        axes.set_xticks(range(len(parts)), list(map(words.component_label, parts)))
        axes.set(xlim=(-0.5, len(parts) - 0.5), ylim=(-0.04, 1.04), xlabel="")
        axes.set_title(words.marked(words.retriever_label(str(retriever)), control))
        axes.grid(visible=False, axis="x")
        axes.tick_params(axis="x", rotation=30 if len(parts) > 3 else 0, labelsize=8)
    legend_above(legend, _legend(colours))
    rest = systems["model"].nunique() - MAX_PROFILES
    caption = [
        *words.about(data, shown, labelled=False),
        f"Shown: the {MAX_PROFILES} best models; {rest} others are not." if rest > 0 else "",
        words.left_out_line(data),
        names_line("Some metrics have no value", shown[shown[parts].isna().any(axis=1)]["system"]),
    ]
    return Drawn(figure, caption)


@plot("Calibration of confidence")
def calibration(data: PlotData) -> Drawn:
    """A panel per system: the share of right answers against confidence, areas by n."""
    answers = data.table("predictions").dropna(subset=["confidence"])
    key, texts = ["system", "question_id", "repeat"], {"system": str, "question_id": str}
    both = data.first_outcomes().astype(texts).merge(answers.astype(texts)[[*key, "confidence"]])
    systems = data.systems.assign(label=words.system_labels(data.systems))
    known = systems[systems["system"].isin(both["system"])]
    if known.empty:
        raise NothingToShow(
            "No answer comes with a confidence (`confidence: true` of a transformers model)."
        )
    shown = known.head(MAX_CALIBRATIONS)
    width = max(3.0, shown["label"].str.len().max() * LETTER_WIDTH * 1.1 + 0.5)
    figure, _, grid = panel_grid(len(shown), 4, width, 3.1)
    for axes, row in zip(grid, shown.itertuples(), strict=True):
        own = both[both["system"] == row.system]
        _calibration_panel(axes, bins_of(own["confidence"], own["right"]), str(row.colour))
        axes.set_title(str(row.label), fontsize=9)
    without = words.system_names(systems[~systems["system"].isin(known["system"])], systems)
    caption = [
        *words.about(data, shown),
        "Confidence: geometric mean of the probabilities of an answer's tokens. "
        f"{BINS} bins of equal width; areas of dots grow with the answers in them. On the dashed "
        "line, confidence equals the share of right answers. First repeat.",
        f"Vertical lines: {CONFIDENCE_LEVEL:.0%} intervals of the share right (Wilson).",
        "ECE: expected calibration error, the mean distance from the line weighted by n.",
        names_line("Not shown (after the best)", known["system"].iloc[MAX_CALIBRATIONS:]),
        names_line("Not shown (no confidence)", without),
    ]
    return Drawn(figure, caption)


def _calibration_panel(axes: Axes, bins: pd.DataFrame, colour: str) -> None:
    x, y, counts = bins["confidence"], bins["accuracy"], bins["count"]
    found = zip((y * counts).round().astype(int), counts, strict=True)
    ends = (share_ends(right, count, CONFIDENCE_LEVEL) for right, count in found)
    lows, highs = zip(*filter(None, ends), strict=True)  # no bin is empty
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=DASHED)
    axes.plot(x, y, color=colour, linewidth=1.0)
    axes.vlines(x, lows, highs, color=colour, linewidth=0.9, alpha=0.6)
    axes.scatter(x, y, 12 + 180 * counts / counts.sum(), colour, linewidth=0, zorder=3)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.06, 1.06), xlabel="Confidence", ylabel="Share right")
    error = f"ECE {expected_calibration_error(bins):.3f}, n = {counts.sum()}"
    axes.text(0.03, 0.97, error, va="top", fontsize=8)


@plot("Memory along the run")
def memory_timeline(data: PlotData) -> Drawn:
    """A panel per model that logs its memory, the largest first."""
    runs, models = data.table("runs"), data.systems["model"].unique()
    logs = {model: _memory(log) for model, log in zip(runs["model"], runs["memory"], strict=True)}
    found = {model: logs[model] for model in models if len(logs.get(model, []))}
    if not found:
        raise NothingToShow("No model logged its memory (models in the job's own process do).")
    order = sorted(found, key=lambda model: -found[model].iloc[:, 1].max())
    shown = order[:MAX_TIMELINES]
    figure, _, grid = panel_grid(len(shown), 5, 2.9, 2.1)
    for axes, model in zip(grid, shown, strict=True):
        _memory_panel(axes, found[model])
        axes.set_title(short(model, 26), fontsize=8.5)
    caption = [
        words.source_line(data),
        "Memory in use at each step, in GB: by the allocator of the GPUs, or by the process if "
        "there is no GPU. Dashed: before the model was loaded. Each panel has its own scale.",
        names_line("Not shown (less memory)", order[MAX_TIMELINES:]),
        names_line("Not shown (no memory log)", [one for one in models if one not in found]),
    ]
    return Drawn(figure, caption)


def _memory(log: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Steps and gigabytes, of the GPUs or else of the process; empty without two steps."""
    for key, measured in (("allocated_mb", "GB (GPUs)"), ("rss_mb", "GB (process)")):
        known = [(entry["at"], entry[key] / 1024) for entry in log if entry.get(key) is not None]
        if len(known) > 1:
            return pd.DataFrame(known, columns=["step", measured])
    return pd.DataFrame()


def _memory_panel(axes: Axes, memory: pd.DataFrame) -> None:
    places, used = range(len(memory)), memory.iloc[:, 1]
    peak = used.max()
    axes.axhline(used[0], color=MUTED, linewidth=0.8, linestyle=DASHED)
    axes.fill_between(places, used, color=PALETTE[0], alpha=0.25, linewidth=0)
    axes.plot(places, used, color=PALETTE[0], marker="o", markersize=4)
    axes.set(ylim=(0, 1.22 * max(peak, 1e-3)), xlim=(-0.3, len(memory) - 0.7))
    axes.set_xticks(places, [short(step, 10) for step in memory["step"]], rotation=90)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_ylabel(str(used.name), fontsize=8)
    above: dict[str, Any] = {"xytext": (0, 4), "textcoords": "offset points", "ha": "center"}
    axes.annotate(f"{peak:.1f}", (used.argmax(), peak), fontsize=7.5, **above)
