"""How long answers take: not only on average."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns

from modellab.core.efficiency import UNTIMED
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    family_legend,
    prepare_rows,
    row_chart,
    write_column,
)
from modellab.reporting.plots.style import family_colours, scale
from modellab.reporting.plots.words import (
    about,
    concurrency_lines,
    names_line,
    system_labels,
    system_names,
)

_QUANTILES = (0.05, 0.5, 0.95)
_WIDTH = 7.2


def draw(data: PlotData) -> Drawn:
    """A box per system, the fastest median on top, with p50 and p95 beside it."""
    systems, left_out = best_rows(data)
    rows = data.table("predictions")
    if rows.empty or rows["latency_seconds"].isna().all():
        raise NothingToShow("No answer has a latency.")
    rows = rows[~rows["status"].isin(UNTIMED) & rows["latency_seconds"].notna()]
    rows = rows.assign(seconds=rows["latency_seconds"].astype(float))
    of_systems = rows.groupby("system", observed=True)["seconds"]
    found = of_systems.quantile(np.array(_QUANTILES)).unstack().reindex(systems["system"]).dropna()
    found = found.loc[found[0.5].sort_values(kind="stable").index]
    timed = systems.set_index("system", drop=False).loc[found.index].reset_index(drop=True)
    labels = system_labels(timed)
    figure, [axes] = row_chart(labels, [_WIDTH])
    ends = pd.Series(found[[0.05, 0.95]].to_numpy().ravel())
    sns.boxplot(
        rows,
        x="seconds",
        y="system",
        order=list(found.index),
        hue="system",
        hue_order=list(found.index),
        palette=timed["family"].map(family_colours(data.systems)).to_list(),
        whis=(5, 95),
        showfliers=False,
        dodge=False,
        width=0.6,
        linewidth=1.1,
        legend=False,
        ax=axes,
    )
    prepare_rows(axes, labels)
    scale(axes, "x", ends, "Seconds from request to answer")
    texts = [f"{_seconds(row[0.5])} / {_seconds(row[0.95])}" for _, row in found.iterrows()]
    write_column(axes, range(len(timed)), texts)
    family_legend(axes, data, timed, _WIDTH - 1.2)
    untimed = systems[~systems["system"].isin(found.index)]
    caption = [
        *about(data, timed),
        "Whiskers: 5th to 95th percentile; box: middle half, with the median. Right: p50 / p95. "
        "Seconds from request to answer (of a whole batch where there is one), without waiting and "
        "without failed requests: how long one waits, not how many answers a second come.",
        *concurrency_lines(timed),
        *names_line("Not shown (no latency)", system_names(untimed, systems)),
        *left_out,
    ]
    return Drawn(figure, caption)


def _seconds(value: float) -> str:
    """With its unit: a plain number of two or three digits."""
    number, unit = (1000 * value, "ms") if value < 0.1 else (value, "s")
    return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"


PLOT = Plot("latency_distribution", "Distribution of latency", draw)
