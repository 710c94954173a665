"""Latency of the answers, and memory during a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from modellab.core.efficiency import UNTIMED
from modellab.reporting.plots import Drawn, NothingToShow, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import (
    best_rows,
    family_patches,
    label_rows,
    row_chart,
    write_column,
)
from modellab.reporting.plots.style import (
    DASHED,
    MUTED,
    PALETTE,
    family_colours,
    legend_above,
    new_figure,
    panel_grid,
    scale,
)
from modellab.reporting.plots.words import (
    about,
    concurrency_lines,
    names_line,
    short,
    source_line,
    system_labels,
    system_names,
)

#: models with a panel of their memory: those that take most
MAX_TIMELINES = 60
_QUANTILES = (0.05, 0.5, 0.95)
_WIDTH = 7.2


@plot("Distribution of latency")
def latency_distribution(data: PlotData) -> Drawn:
    """A box per system, the fastest median on top, with p50 and p95 beside it."""
    systems, left_out = best_rows(data)
    rows = data.table("predictions")
    if rows.empty or rows["latency_seconds"].isna().all():
        raise NothingToShow("No answer has a latency.")
    rows = rows[~rows["status"].isin(UNTIMED) & rows["latency_seconds"].notna()]
    rows = rows.assign(seconds=rows["latency_seconds"].astype(float))
    quantiles = rows.groupby("system", observed=True)["seconds"].quantile(np.array(_QUANTILES))
    found = quantiles.unstack().set_axis(["p5", "p50", "p95"], axis=1)
    found = found.reindex(systems["system"]).dropna().sort_values("p50", kind="stable")
    timed = systems.set_index("system", drop=False).loc[found.index].reset_index(drop=True)
    labels, order = system_labels(timed), list(found.index)
    figure, [axes] = row_chart(labels, [_WIDTH])
    sns.boxplot(
        rows,
        x="seconds",
        y="system",
        order=order,
        hue="system",
        hue_order=order,
        palette=timed["family"].map(family_colours(data.systems)).to_list(),
        whis=(5, 95),
        showfliers=False,
        dodge=False,
        width=0.6,
        linewidth=1.1,
        legend=False,
        ax=axes,
    )
    label_rows(axes, labels)
    ends = pd.concat([found["p5"], found["p95"]])
    scale(axes, "x", ends, "Seconds from request to answer")
    texts = zip(found["p50"].map(_seconds), found["p95"].map(_seconds), strict=True)
    write_column(axes, list(map(" / ".join, texts)))
    legend_above(axes, family_patches(data, timed), _WIDTH - 1.2)
    untimed = systems[~systems["system"].isin(found.index)]
    caption = [
        *about(data, timed),
        "Whiskers: 5th to 95th percentile; box: middle half, with the median. Right: p50 / p95. "
        "Seconds from request to answer (of a whole batch if there is one), without waiting and "
        "without failed requests: the time a user waits, not the throughput.",
        *concurrency_lines(timed),
        *names_line("Not shown (no latency)", system_names(untimed, systems)),
        *left_out,
    ]
    return Drawn(figure, caption)


def _seconds(value: float) -> str:
    """With its unit: a plain number of two or three digits."""
    number, unit = (1000 * value, "ms") if value < 0.1 else (value, "s")
    return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"


class Timeline(NamedTuple):
    """The memory of one model in GB, in order; `measured`: of the GPUs or of the process."""

    model: str
    steps: Sequence[str]
    gigabytes: Sequence[float]
    measured: str


@plot("Memory along the run")
def memory_timeline(data: PlotData) -> Drawn:
    """A panel per model that logs its memory, the largest first."""
    runs, models = data.table("runs"), list(data.systems["model"].unique())
    logs = {} if runs.empty else dict(zip(runs["model"], runs["memory"], strict=True))
    found = [line for model in models if (line := _timeline(model, logs.get(model, [])))]
    if not found:
        raise NothingToShow("No model logged its memory (models in the job's own process do).")
    lines = sorted(found, key=lambda line: -max(line.gigabytes))
    shown, logged = lines[:MAX_TIMELINES], {line.model for line in lines}
    columns = min(len(shown), 5)
    figure = new_figure(max(2.9 * columns, 5.6), 2.1 * -(-len(shown) // columns) + 0.9)
    _, grid = panel_grid(figure, len(shown), columns)
    for axes, line in zip(grid, shown, strict=True):
        _memory_panel(axes, line)
    caption = [
        source_line(data),
        "Memory in use at each step, in GB: by the allocator of the GPUs, or by the process if "
        "there is no GPU. Dashed: before the model was loaded. Each panel has its own scale.",
        *names_line("Not shown (less memory)", [line.model for line in lines[MAX_TIMELINES:]]),
        *names_line("Not shown (no memory log)", [one for one in models if one not in logged]),
    ]
    return Drawn(figure, caption)


def _timeline(model: str, log: Sequence[Mapping[str, Any]]) -> Timeline | None:
    for key, measured in (("allocated_mb", "GPUs"), ("rss_mb", "process")):
        known = [(entry["at"], entry[key] / 1024) for entry in log if entry.get(key) is not None]
        if len(known) > 1:
            steps, used = zip(*known, strict=True)
            return Timeline(model, steps, used, measured)
    return None


def _memory_panel(axes: Axes, line: Timeline) -> None:
    places, used = range(len(line.steps)), line.gigabytes
    peak = max(used)
    axes.axhline(used[0], color=MUTED, linewidth=0.8, linestyle=DASHED)
    axes.fill_between(places, used, color=PALETTE[0], alpha=0.25, linewidth=0)
    axes.plot(places, used, color=PALETTE[0], marker="o", markersize=4)
    axes.set(ylim=(0, 1.22 * max(peak, 1e-3)), xlim=(-0.3, len(line.steps) - 0.7))
    axes.set_xticks(places, [short(step, 10) for step in line.steps], rotation=90)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_title(short(line.model, 26), fontsize=8.5)
    axes.set_ylabel(f"GB ({line.measured})", fontsize=8)
    axes.annotate(
        f"{peak:.1f}",
        (used.index(peak), peak),
        (0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
    )
