"""How well retrievers find, by how many of their results are looked at."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

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
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))


def draw(data: PlotData) -> Drawn:
    """A row of panels per level, a panel per metric, a line per retriever with its band."""
    rows = data.table("retrieval")
    parts = rows["metric"].str.extract(r"^(?P<name>.*)@(?P<k>\d+)$")
    known = rows.join(parts).dropna(subset=["k", "value"])
    if known.empty:
        raise NothingToShow("No retriever has a metric by depth.")
    known = known.assign(k=known["k"].astype(int))
    names = list(known["retriever"].unique())
    colours = colours_of(names)
    dashes = {name: _DASHES[place % len(_DASHES)] for place, name in enumerate(names)}
    metrics, levels = list(known["name"].unique()), list(known["level"].unique())
    width = max(_WIDTH * len(metrics), 6.4)
    figure = new_figure(width, _HEIGHT * len(levels) + 1.0)
    legend, grid = panel_grid(figure, len(levels) * len(metrics), len(metrics))
    panels = [(level, metric) for level in levels for metric in metrics]
    for axes, (level, metric) in zip(grid, panels, strict=True):
        chosen = known[(known["level"] == level) & (known["name"] == metric)]
        if chosen.empty:
            axes.remove()
            continue
        _panel(axes, chosen, colours, dashes)
        axes.set_title(f"{component_label(metric)}, by {level}", fontsize=9)
    handles = [
        Line2D([], [], color=colours[one], ls=dashes[one], marker="o", ms=4, label=short(one))
        for one in names
    ]
    legend_above(legend, handles, width - 1)
    sure = known[known["low"].notna() & known["high"].notna()]
    depthless = rows[parts["k"].isna()]["metric"].unique()
    bare = sorted(set(rows["retriever"]) - set(names))
    caption = [
        source_line(data),
        f"Questions behind each point: {span(known['n_scored'])}.",
        *([f"Bands: {interval_kind(sure)}."] if len(sure) else []),
        *names_line("Not shown (no value)", bare, "retrieval.csv"),
        *names_line(
            "Not shown, since they have no depth",
            [name.replace("_", " ") for name in depthless],
            "retrieval.csv",
        ),
    ]
    return Drawn(figure, caption)


def _panel(
    axes: Axes, rows: pd.DataFrame, colours: dict[str, str], dashes: Mapping[str, object]
) -> None:
    depths = sorted(rows["k"].unique())
    rows = rows.assign(place=rows["k"].map({k: place for place, k in enumerate(depths)}))
    rows = rows.sort_values("k")
    for name, line in rows.groupby("retriever", sort=False):
        sns.lineplot(
            data=line,
            x="place",
            y="value",
            color=colours[str(name)],
            linestyle=dashes[str(name)],
            marker="o",
            markersize=4,
            linewidth=1.6,
            errorbar=None,
            clip_on=False,
            ax=axes,
        )
        sure = line.dropna(subset=["low", "high"])
        if len(sure):
            axes.fill_between(
                *(sure["place"], sure["low"], sure["high"]),
                color=colours[str(name)],
                alpha=0.13,
                linewidth=0,
            )
    axes.set_xticks(range(len(depths)), [str(depth) for depth in depths])
    axes.set(ylim=(0, 1), xlabel="k (first results)", ylabel="")


PLOT = Plot("retrieval_by_k", "Retrieval by depth", draw)
