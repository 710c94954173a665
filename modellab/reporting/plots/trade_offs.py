"""Scatter plots of two quantities of the systems: score, size, cost, time, energy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from modellab.reporting.plots import Drawn, NothingToShow, Plot, words
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.marks import family_patches
from modellab.reporting.plots.style import INK, MUTED, legend_above, panel_grid, scale
from modellab.reporting.plots.words import names_line, short

#: up to this number of models each has a label; else only the best have one
MAX_LABELLED, BEST_LABELLED = 12, 6
_MARKERS = {"local": "s", "API": "o", "submission": "D", "ensemble": "^"}
#: area of a point, and of the largest bubble, in square points of paper
_AREA, _LARGEST_AREA = 46.0, 620.0
_WIDTH, _HEIGHT, _STRIP = 9.0, 4.5, 3.0
#: between the points of two retrievers on a logarithmic scale, as a share of the panel's width
_DODGE = 0.012


@dataclass(frozen=True)
class _Quantity:
    """A column of `quantities`: its label, why it may be missing, and a line for the caption."""

    label: str
    missing: str
    log: bool = False
    note: str = ""


QUANTITIES = {
    "size": _Quantity("Size in billions of parameters", "no size (size_b)", log=True),
    "score": _Quantity("Score", "no score"),
    "cost": _Quantity("US dollars per 1,000 answers", "cost not known"),
    "seconds": _Quantity(
        "Seconds per answer",
        "not timed",
        note="Seconds per answer: wall clock of generation / answers. The mean time from request "
        "to answer is longer if answers overlap.",
    ),
    "energy": _Quantity(
        "Watt-hours per 1,000 answers",
        "no meter: no NVIDIA GPU, or behind an API",
        note="Energy of the GPUs while the model was open, over all its retrievers; one point per "
        "model.",
    ),
}


@dataclass(frozen=True)
class TradeOff:
    """One quantity against another.

    `front` draws the Pareto front of the contenders: less of x and more of y is better. `strip`
    shows systems with unknown x beside the panel. `area` is the quantity of the bubbles.
    `components` makes a panel per component of the score.
    """

    x: str
    y: str
    front: bool = False
    strip: bool = False
    area: str = ""
    components: bool = False


def quantities(data: PlotData, component: str = "") -> pd.DataFrame:
    """The systems with a column per quantity, NaN if unknown.

    `score` is that of the component (by default the overall score), `low` and `high` its interval,
    `size` in billions of parameters, `cost` in US dollars and `energy` in watt-hours per 1,000
    answers (of the model, over all its retrievers), `seconds` of the wall clock per answer.
    """
    table, runs = data.systems, data.table("runs")
    component = component or data.overall
    energy = {} if runs.empty else dict(zip(runs["model"], runs["energy"], strict=True))
    return table.assign(
        score=table[component],
        **data.intervals(component, table),
        size=table["size_b"].where((table["size_b"] > 0) & (table["size_b"] < math.inf)),
        cost=1000 * table["cost_usd"] / table["asked"].replace(0, np.nan),
        seconds=table["seconds_per_answer"],
        energy=table["model"].map(energy).astype(float),
    )


def draw_trade_off(chart: TradeOff, data: PlotData) -> Drawn:
    """A point per system: colour by family, shape by where it runs, hollow for controls."""
    names = [data.overall, *(data.components[:-1] if chart.components else ())]
    tables = {name: quantities(data, name) for name in names}
    if chart.y == "energy":
        tables = {name: table.drop_duplicates("model") for name, table in tables.items()}
    known = {name: table.dropna(subset=[chart.x, chart.y]) for name, table in tables.items()}
    panels = {name: points for name, points in known.items() if len(points)}
    if not panels:
        reasons = " or ".join(dict.fromkeys(QUANTITIES[one].missing for one in (chart.x, chart.y)))
        raise NothingToShow(f"No system has both numbers ({reasons}).")
    table = tables[data.overall]
    unknown = table[table[chart.x].isna() & table[chart.y].notna() & chart.strip]
    shown = table.loc[sorted({*unknown.index, *pd.concat(panels.values()).index})]
    if chart.components:
        figure, legend, grid = panel_grid(len(panels), 2, 6.2, 4.0)
    else:
        widths = [*([_STRIP] if len(unknown) else []), _WIDTH]
        mean = sum(widths) / len(widths)
        figure, legend, grid = panel_grid(len(widths), 2, mean, _HEIGHT, widths)
    legend_above(legend, _legend(shown, chart))
    finish, strip = [], list(grid[: len(grid) - len(panels)])
    for axes, (name, points) in zip(grid[len(strip) :], panels.items(), strict=True):
        finish.append(_draw_panel(axes, points, chart, pd.concat([points, unknown])))
        if chart.components:
            axes.set(title=words.titled(shown, name), ylabel="")
        elif chart.y == "score":
            axes.set_ylabel(words.titled(points, name))
    for axes in strip:
        finish.append(_draw_strip(axes, grid[-1], unknown, chart))
    return Drawn(figure, _caption(chart, data, table, shown, panels), finish)


def _caption(
    chart: TradeOff,
    data: PlotData,
    table: pd.DataFrame,
    shown: pd.DataFrame,
    panels: Mapping[str, pd.DataFrame],
) -> list[str]:
    """What is shown of the systems in `table`, and what is not and why."""
    lines = [*words.about(data, shown, labelled=False), *_label_lines(shown, chart)]
    if chart.front:
        best = _front(panels[data.overall], chart)["system"]
        lines.append(names_line("Pareto front (contenders that no other beats in both)", best))
    if chart.area:
        lines += _area_lines(shown, QUANTITIES[chart.area].label)
    if chart.y == "score":
        lines += words.interval_lines(data, shown, list(panels))
    for quantity in dict.fromkeys((chart.x, chart.y)):
        lines.append(QUANTITIES[quantity].note)
        lines += words.concurrency_lines(shown) if quantity == "seconds" else []
        lacking = table[table[quantity].isna() & ~table["system"].isin(shown["system"])]
        reason = f"Not shown ({QUANTITIES[quantity].missing})"
        lines.append(names_line(reason, words.system_names(lacking, table)))
    for name, points in panels.items() if chart.components else ():
        lost = shown["system"][~shown.index.isin(points.index)]
        lines.append(names_line(f"Not shown in {words.component_label(name)} (no value)", lost))
    bare = [name for name in data.components if chart.components and name not in panels]
    return [*lines, names_line("Scores without a value", map(words.component_label, bare))]


def _draw_panel(
    axes: Axes, points: pd.DataFrame, chart: TradeOff, beside: pd.DataFrame
) -> Callable[[], None]:
    """Scales, front and points; the scale of y fits those `beside` too. Returns `_label_points`."""
    for which, name, values in (("x", chart.x, points[chart.x]), ("y", chart.y, beside[chart.y])):
        if name == "score":
            values = pd.concat([pd.Series([0.0]), values, beside["high"]])
        scale(axes, which, values, QUANTITIES[name].label, log=QUANTITIES[name].log)
    front = _front(points, chart) if chart.front else points.head(0)
    names = sorted(points["retriever"].unique())
    if chart.x == "size" and len(names) > 1:
        width = points["size"].max() * 1.7 / (points["size"].min() / 1.7)
        place = points["retriever"].map(names.index) - (len(names) - 1) / 2
        points = points.assign(size=points["size"] * width ** (_DODGE * place))
    axes.plot(front[chart.x], front[chart.y], drawstyle="steps-post", color=INK, lw=1, zorder=1.5)
    _draw_points(axes, points, chart)
    return lambda: _label_points(axes, points, chart, list(front["system"]))


def _front(points: pd.DataFrame, chart: TradeOff) -> pd.DataFrame:
    """The contenders with more of y than all that have less of x, in order of x."""
    rest = points[~points["control"]].sort_values([chart.x, chart.y], ascending=[True, False])
    best = rest[chart.y].cummax().shift(fill_value=-math.inf)
    return rest[rest[chart.y] > best]


def _draw_points(axes: Axes, points: pd.DataFrame, chart: TradeOff) -> None:
    """Bubbles have areas in proportion to their quantity, small if it is not known.

    The largest first, so that all can be seen.
    """
    import seaborn as sns

    points = points.assign(area=_AREA)
    if chart.area and points[chart.area].max() > 0:
        share = points[chart.area] / points[chart.area].max()
        points["area"] = (_LARGEST_AREA * share).clip(lower=_AREA).fillna(0.4 * _AREA)
        points = points.sort_values("area", ascending=False)
    if chart.y == "score":
        ends = (points[chart.x], points["low"], points["high"])
        axes.vlines(*ends, colors=list(points["colour"]), lw=0.8, alpha=0.5, zorder=1)
    for control, group in points.groupby("control"):
        sns.scatterplot(
            group,
            x=chart.x,
            y=chart.y,
            hue="colour",
            style="origin",
            s=group["area"],
            palette={colour: colour for colour in group["colour"]},
            markers=_MARKERS,
            alpha=0.85 if chart.area else 1.0,
            edgecolor="white",
            linewidth=0.7,
            zorder=2,
            legend=False,
            ax=axes,
        )
        if control:
            made = axes.collections[-1]
            made.set(edgecolor=made.get_facecolor(), facecolor="white", linewidth=1.2)


def _draw_strip(
    strip: Axes, axes: Axes, unknown: pd.DataFrame, chart: TradeOff
) -> Callable[[], None]:
    """The systems with unknown x beside the panel, on the same y scale, a lane per retriever."""
    names = sorted(unknown["retriever"].unique())
    lane = unknown["retriever"].map(names.index) - (len(names) - 1) / 2
    unknown = unknown.assign(**{chart.x: lane * min(0.3, 1.2 / len(names)) - 0.4})
    _draw_points(strip, unknown, chart)
    strip.set(xlim=(-1, 1), ylim=axes.get_ylim(), xticks=[], ylabel=axes.get_ylabel())
    strip.set_xlabel(QUANTITIES[chart.x].missing)
    axes.set_ylabel("")
    axes.tick_params(axis="y", labelleft=False)
    return lambda: _label_points(strip, unknown, chart, [])


def _label_points(axes: Axes, points: pd.DataFrame, chart: TradeOff, first: Sequence[str]) -> None:
    """Label the systems named `first` and each model's (of many, the best models') point."""
    from adjustText import adjust_text

    best = points.sort_values(["control", chart.y], ascending=[True, chart.y != "score"])
    best = best.drop_duplicates("model")
    if len(best) > MAX_LABELLED:
        best = best.head(BEST_LABELLED)
    named = pd.concat([points[points["system"].isin(first)], best])
    named = named.drop_duplicates("system").head(MAX_LABELLED)
    # the white edge keeps a label readable over lines
    edge = [withStroke(linewidth=2.2, foreground="white")]
    texts = [
        axes.text(
            x, y, short(model, 30), fontsize=8.0, zorder=5, path_effects=edge, in_layout=False
        )
        for x, y, model in named[[chart.x, chart.y, "model"]].itertuples(index=False)
    ]
    if not texts:
        return
    centres = axes.transData.transform(points[[chart.x, chart.y]].to_numpy())
    radius = _AREA**0.5 / 2 / 72 * axes.figure.dpi
    shifts = product((-radius, 0.0, radius), repeat=2)
    corners = axes.transData.inverted().transform(np.vstack([centres + shift for shift in shifts]))
    _, lines = adjust_text(
        texts,
        x=corners[:, 0],
        y=corners[:, 1],
        ax=axes,
        expand=(1.08, 1.4),
        iter_lim=400,  # not by the clock: the same picture every time
        arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.6},
    )
    _hide_overlaps(axes, texts, lines)


def _hide_overlaps(axes: Axes, texts: Sequence[Text], lines: Sequence[Artist]) -> None:
    """Hide labels that still cover an earlier one, or that leave the panel."""
    kept: list[Bbox] = []
    inside = axes.get_window_extent().padded(3)
    for text in texts:
        box = text.get_window_extent()
        if Bbox.union([inside, box]).bounds == inside.bounds and not any(map(box.overlaps, kept)):
            kept.append(box)
        else:
            text.set_visible(False)
    hidden = [text for text in texts if not text.get_visible()]
    for line in lines:
        line.set_visible(getattr(line, "patchA", None) not in hidden)


def _legend(shown: pd.DataFrame, chart: TradeOff) -> list[Artist]:
    """Colours of families and shapes of origins, only those that are shown."""
    look: dict[str, Any] = {"linestyle": "", "color": MUTED, "markersize": 7}
    origins = [one for one in _MARKERS if (shown["origin"] == one).any()]
    handles = [Line2D([], [], marker=_MARKERS[one], label=one, **look) for one in origins]
    if shown["control"].any():
        hollow = {**look, "markerfacecolor": "white", "label": "control (hollow)"}
        handles.append(Line2D([], [], marker="o", **hollow))
    if chart.front:
        handles.append(Line2D([], [], color=INK, lw=1, label="Pareto front"))
    return [*handles, *family_patches(shown)]


def _label_lines(shown: pd.DataFrame, chart: TradeOff) -> list[str]:
    many = shown["model"].nunique() > MAX_LABELLED
    what = "best" if chart.y == "score" else "lowest"
    which = f"the {BEST_LABELLED} {what} models" if many else f"each model at its {what} point"
    line = f"Labelled if there is room: {which}{' and the front' * chart.front}."
    if chart.x == "size" and shown.groupby("model")["retriever"].nunique().max() > 1:
        line += " Retrievers are shifted sideways so that points do not overlap."
    return [line]


def _area_lines(costs: pd.DataFrame, label: str) -> list[str]:
    largest = costs["cost"].max()
    if not largest > 0:
        return ["No system has a cost: all points have the usual size."]
    smallest, unknown = largest * _AREA / _LARGEST_AREA, costs["system"][costs["cost"].isna()]
    return [
        f"The largest bubble is {largest:.3g} {label}; areas are proportional, down to "
        f"{smallest:.2g}.",
        names_line("Cost not known (the smallest points, not 0)", unknown),
    ]


def _plot(name: str, title: str, x: str, y: str, **look: Any) -> Plot:
    return Plot(name, title, partial(draw_trade_off, TradeOff(x, y, **look)))


size_vs_scores = _plot("size_vs_scores", "Scores by model size", "size", "score", components=True)
size_vs_latency = _plot("size_vs_latency", "Time per answer by model size", "size", "seconds")
size_vs_cost = _plot("size_vs_cost", "Cost by model size", "size", "cost")
size_vs_energy = _plot("size_vs_energy", "Energy by model size", "size", "energy")
size_score_cost_bubble = _plot(
    "size_score_cost_bubble", "Score, size and cost", "size", "score", area="cost"
)
cost_vs_performance = _plot(
    "cost_vs_performance", "Score by cost", "cost", "score", front=True, strip=True
)
cost_vs_score = _plot(
    "cost_vs_score", "Score by cost of priced systems", "cost", "score", front=True
)
time_vs_score = _plot("time_vs_score", "Score by time per answer", "seconds", "score", front=True)
