"""How well retrievers find, by how many of their results are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import colours_of, legend_above, new_figure, panel_grid
from modellab.reporting.plots.words import (
    component_label,
    interval_kind,
    names_line,
    short,
    source_line,
    span,
)

_WIDTH, _HEIGHT = 3.3, 2.6


def draw(data: PlotData) -> Drawn:
    """A row of panels per level, a panel per metric, a line per retriever with its band."""
    rows = data.table("retrieval")
    parts = rows["metric"].str.extract(r"^(?P<name>.*)@(?P<k>\d+)$")
    known = rows.join(parts).dropna(subset=["k", "value"])
    if known.empty:
        raise NothingToShow("No retriever has a metric by depth.")
    known = known.assign(k=known["k"].astype(int)).sort_values("k", kind="stable")
    known["place"] = known["k"].map(sorted(known["k"].unique()).index)
    names = list(rows["retriever"][rows["retriever"].isin(known["retriever"])].unique())
    metrics, levels = list(rows.join(parts)["name"].dropna().unique()), list(rows["level"].unique())
    width = max(_WIDTH * len(metrics), 6.4)
    figure = new_figure(width, _HEIGHT * len(levels) + 1.0)
    legend, grid = panel_grid(figure, len(levels) * len(metrics), len(metrics))
    handles: list[Artist] = []
    for axes, (level, metric) in zip(grid, product(levels, metrics), strict=True):
        chosen = known[(known["level"] == level) & (known["name"] == metric)]
        if chosen.empty:
            axes.remove()
            continue
        handles = _panel(axes, chosen, names)
        axes.set_title(f"{component_label(metric)}, by {level}", fontsize=9)
    for handle, name in zip(handles, names, strict=True):
        handle.set_label(short(name))
    legend_above(legend, handles, width - 1)
    sure = known[known["low"].notna() & known["high"].notna()]
    depthless = rows[parts["k"].isna()]["metric"].unique()
    caption = [
        source_line(data),
        f"Questions behind each point: {span(known['n_scored'])}.",
        *([f"Bands: {interval_kind(sure)}."] if len(sure) else []),
        *names_line(
            "Not shown (no value)", sorted(set(rows["retriever"]) - set(names)), "retrieval.csv"
        ),
        *names_line(
            "Not shown, since they have no depth",
            [name.replace("_", " ") for name in depthless],
            "retrieval.csv",
        ),
    ]
    return Drawn(figure, caption)


def _panel(axes: Axes, rows: pd.DataFrame, names: Sequence[str]) -> list[Artist]:
    """Gives the handles of the legend."""
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


PLOT = Plot("retrieval_by_k", "Retrieval by depth", draw)
