"""How long answers take: not only on average."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from modellab.core.efficiency import UNTIMED
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    family_legend,
    row_chart,
    write_column,
)
from modellab.reporting.plots.style import INK, family_colours, scale
from modellab.reporting.plots.words import (
    about,
    concurrency_lines,
    names_line,
    system_labels,
    system_names,
)

#: ends of the line, ends of the box, the mark in it, and the mark of the slow ones
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WIDTH = 6.0


def draw(data: PlotData) -> Drawn:
    """A box per system, the fastest median on top, with p50 and p95 beside it."""
    systems, left_out = best_rows(data)
    found = _quantiles(data.table("predictions"))
    if found.empty:
        raise NothingToShow("No answer has a latency.")
    found = found.reindex(systems["system"]).dropna()
    found = found.loc[found[0.5].sort_values(kind="stable").index]
    timed = systems.set_index("system", drop=False).loc[found.index].reset_index(drop=True)
    figure, [axes] = row_chart(system_labels(timed), [_WIDTH + 1.2])
    scale(
        axes,
        "x",
        pd.Series(found[[0.05, 0.95]].to_numpy().ravel()),
        "Seconds from request to answer",
    )
    _boxes(axes, found, timed["family"].map(family_colours(data.systems)).to_list())
    texts = [f"{_seconds(row[0.5])} / {_seconds(row[0.95])}" for _, row in found.iterrows()]
    write_column(axes, range(len(timed)), texts)
    family_legend(axes, data, timed, _WIDTH)
    untimed = systems[~systems["system"].isin(found.index)]
    caption = [
        *about(data, timed),
        "Line: 5th to 95th percentile; box: middle half; white mark: median. Right: p50 / p95. "
        "Seconds from request to answer (of a whole batch where there is one), without waiting and "
        "without failed requests: how long one waits, not how many answers a second come.",
        *concurrency_lines(timed),
        *names_line("Not shown (no latency)", system_names(untimed, systems)),
        *left_out,
    ]
    return Drawn(figure, caption)


def _quantiles(rows: pd.DataFrame) -> pd.DataFrame:
    """By system; systems without a latency are not in it."""
    if rows.empty:
        return pd.DataFrame()
    timed = rows[~rows["status"].isin(UNTIMED) & rows["latency_seconds"].notna()]
    seconds = timed["latency_seconds"].astype(float)
    return seconds.groupby(timed["system"].astype(str)).quantile(np.array(_QUANTILES)).unstack()


def _boxes(axes: Axes, found: pd.DataFrame, colours: list[str]) -> None:
    places = range(len(found))
    axes.hlines(places, found[0.05], found[0.95], color=colours, linewidth=1.4)
    axes.barh(
        places,
        found[0.75] - found[0.25],
        left=found[0.25],
        height=0.56,
        color=colours,
        linewidth=0,
        zorder=2,
    )
    low, high = ([place + half for place in places] for half in (-0.28, 0.28))
    axes.vlines(found[0.5], low, high, color="white", linewidth=2.0, zorder=3)
    axes.plot(found[0.95], places, "|", color=INK, markersize=7, zorder=3)


def _seconds(value: float) -> str:
    """With its unit: a plain number of two or three digits."""
    number, unit = (1000 * value, "ms") if value < 0.1 else (value, "s")
    return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"


PLOT = Plot("latency_distribution", "Distribution of latency", draw)
