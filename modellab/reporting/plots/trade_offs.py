"""Scatter plots of two quantities of the systems: score, size, cost, time, energy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from modellab.reporting.plots import Drawn, NothingToShow, Plot, plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.rows import family_patches
from modellab.reporting.plots.style import (
    INK,
    MUTED,
    family_colours,
    legend_above,
    new_figure,
    panel_grid,
    scale,
)
from modellab.reporting.plots.words import (
    about,
    component_label,
    concurrency_lines,
    interval_lines,
    names_line,
    short,
    system_names,
    titled,
)

#: up to this number of models each has a label; else only the best have one
MAX_LABELLED, BEST_LABELLED = 12, 6
_MARKERS = {"local": "s", "API": "o", "submission": "D", "ensemble": "^"}
#: area of a point, and of the largest bubble, in square points of paper
_AREA, _LARGEST_AREA = 46.0, 620.0
_WIDTH, _HEIGHT, _STRIP = 9.0, 5.4, 3.0
#: between the points of two retrievers on a logarithmic scale, as a share of the panel's width
_DODGE = 0.012


@dataclass(frozen=True)
class Quantity:
    """A column of `quantities`: its label, why it may be missing, and a line for the caption."""

    label: str
    missing: str
    log: bool = False
    note: str = ""


QUANTITIES = {
    "size": Quantity("Size in billions of parameters", "no size (size_b)", log=True),
    "score": Quantity("Score", "no score"),
    "cost": Quantity("US dollars per 1,000 answers", "cost not known"),
    "seconds": Quantity(
        "Seconds per answer",
        "not timed",
        note="Seconds per answer: wall clock of generation / answers. The mean time from request "
        "to answer is longer if answers overlap.",
    ),
    "energy": Quantity(
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
    """

    x: str
    y: str
    front: bool = False
    strip: bool = False
    area: str | None = None


def quantities(data: PlotData) -> pd.DataFrame:
    """The systems with a column per quantity, NaN if unknown.

    `score` is the overall score, `low` and `high` its interval, `size` in billions of parameters,
    `cost` in US dollars and `energy` in watt-hours per 1,000 answers (of the model, over all its
    retrievers), `seconds` of the wall clock per answer.
    """
    table = _with_score(data.systems, data.overall, data)
    size = pd.to_numeric(table["size_b"])
    table["size"] = size.where((size > 0) & (size < math.inf))
    asked = table["asked"].where(table["asked"] > 0)
    table["cost"] = 1000 * pd.to_numeric(table["cost_usd"]) / asked
    table["seconds"] = pd.to_numeric(table["seconds_per_answer"])
    runs = data.table("runs")
    energy = {} if runs.empty else dict(zip(runs["model"], runs["energy"], strict=True))
    table["energy"] = pd.to_numeric(table["model"].map(energy))
    return table


def _with_score(systems: pd.DataFrame, component: str, data: PlotData) -> pd.DataFrame:
    ends = data.intervals(component, systems)
    scores = {"score": systems[component].astype(float), "low": ends["low"].array}
    return systems.assign(**scores, high=ends["high"].array)


def draw_trade_off(chart: TradeOff, data: PlotData) -> Drawn:
    """A point per system: colour by family, shape by where it runs, hollow for controls."""
    table = quantities(data)
    if chart.y == "energy":
        table = table.drop_duplicates("model")
    known = table.dropna(subset=[chart.x, chart.y])
    if known.empty:
        reasons = " or ".join(dict.fromkeys(QUANTITIES[one].missing for one in (chart.x, chart.y)))
        raise NothingToShow(f"No system has both numbers ({reasons}).")
    unknown = table[table[chart.x].isna() & table[chart.y].notna() & chart.strip]
    shown = pd.concat([known, unknown])
    widths = [_WIDTH] if unknown.empty else [_STRIP, _WIDTH]
    figure = new_figure(sum(widths), _HEIGHT)
    legend, panels = panel_grid(figure, len(widths), 2, widths)
    _draw_legend(legend, shown, data, chart, figure.get_figwidth() - 1)
    front = _front(known, chart) if chart.front else known.head(0)
    finish = [_draw_panel(panels[-1], known, chart, data, front, shown)]
    if len(unknown):
        finish.append(_draw_strip(panels[0], panels[-1], unknown, chart, data))
    caption = [*about(data, shown, labelled=False), *_label_lines(shown, chart)]
    if chart.front:
        what = "Pareto front (contenders that no other beats in both)"
        caption += names_line(what, front["system"])
    if chart.area:
        caption += _area_lines(known, chart.area)
    if chart.y == "score":
        caption += interval_lines(data, shown, [data.overall])
    for name in dict.fromkeys((chart.x, chart.y)):
        quantity = QUANTITIES[name]
        caption += [quantity.note] if quantity.note else []
        caption += concurrency_lines(shown) if name == "seconds" else []
        lacking = table[table[name].isna() & ~table["system"].isin(shown["system"])]
        caption += names_line(f"Not shown ({quantity.missing})", system_names(lacking, table))
    return Drawn(figure, caption, finish)


@plot("Scores by model size")
def size_vs_scores(data: PlotData) -> Drawn:
    """A panel per component against size, the overall score first."""
    table, chart = quantities(data), TradeOff("size", "score")
    sized = table.dropna(subset=["size"])
    if sized.empty:
        raise NothingToShow("No model has a size (size_b).")
    components = [data.overall, *data.components[:-1]]
    components = [name for name in components if sized[name].notna().any()]
    if not components:
        raise NothingToShow("No model with a size has a score.")
    columns = min(len(components), 2)
    figure = new_figure(6.2 * columns, 4.0 * math.ceil(len(components) / columns) + 0.8)
    legend, grid = panel_grid(figure, len(components), columns)
    _draw_legend(legend, sized, data, chart, figure.get_figwidth() - 1)
    finish, lacking = [], []
    for axes, component in zip(grid, components, strict=True):
        points = _with_score(sized, component, data)
        known = points.dropna(subset=["score"])
        what = f"Not shown in {component_label(component)} (no value)"
        lacking += names_line(what, points["system"][points["score"].isna()])
        finish.append(_draw_panel(axes, known, chart, data, known.head(0), known))
        axes.set(title=titled(sized, component), ylabel="")
    caption = [
        *about(data, sized, labelled=False),
        *_label_lines(sized, chart),
        *interval_lines(data, sized, components),
        *names_line("Not shown (no size)", table[table["size"].isna()]["model"].unique()),
        *lacking,
        *names_line(
            "Scores without a value",
            [component_label(name) for name in data.components if name not in components],
        ),
    ]
    return Drawn(figure, caption, finish)


def _draw_panel(
    axes: Axes,
    points: pd.DataFrame,
    chart: TradeOff,
    data: PlotData,
    front: pd.DataFrame,
    shown: pd.DataFrame,
) -> Callable[[], None]:
    """Scales, front and points; the scale of y fits `shown`. Returns what places the labels."""
    for which, name, values in (("x", chart.x, points[chart.x]), ("y", chart.y, shown[chart.y])):
        quantity, label = QUANTITIES[name], QUANTITIES[name].label
        if name == "score":
            label = titled(points, data.overall)
            values = pd.concat([pd.Series([0.0]), values, shown["high"]])
        scale(axes, which, values, label, log=quantity.log)
    names = sorted(points["retriever"].unique())
    if chart.x == "size" and len(names) > 1:
        width = points["size"].max() * 1.7 / (points["size"].min() / 1.7)
        place = points["retriever"].map(names.index) - (len(names) - 1) / 2
        points = points.assign(size=points["size"] * width ** (_DODGE * place))
    axes.plot(front[chart.x], front[chart.y], drawstyle="steps-post", color=INK, lw=1, zorder=1.5)
    _draw_points(axes, points, chart, data)
    return _label_points(axes, points, chart, list(front["system"]))


def _front(points: pd.DataFrame, chart: TradeOff) -> pd.DataFrame:
    """The contenders with more of y than all that have less of x, in order of x."""
    rest = points[~points["control"]].sort_values([chart.x, chart.y], ascending=[True, False])
    best = rest[chart.y].cummax().shift(fill_value=-math.inf)
    return rest[rest[chart.y] > best]


def _draw_points(axes: Axes, points: pd.DataFrame, chart: TradeOff, data: PlotData) -> None:
    colours = family_colours(data.systems)
    points = points.assign(area=_areas(points, chart)).sort_values("area", ascending=False)
    if chart.y == "score":
        ends = (points[chart.x], points["low"], points["high"])
        axes.vlines(
            *ends, colors=points["family"].map(colours).to_list(), lw=0.8, alpha=0.5, zorder=1
        )
    for control, group in points.groupby("control"):
        sns.scatterplot(
            group,
            x=chart.x,
            y=chart.y,
            hue="family",
            style="origin",
            s=group["area"],
            palette=colours,
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


def _areas(points: pd.DataFrame, chart: TradeOff) -> pd.Series[float]:
    """Areas of bubbles in proportion to the quantity; small if it is not known."""
    if chart.area is None or not points[chart.area].max() > 0:
        return pd.Series(_AREA, index=points.index)
    share = points[chart.area] / points[chart.area].max()
    found: pd.Series[float] = (_LARGEST_AREA * share).clip(lower=_AREA).fillna(0.4 * _AREA)
    return found


def _draw_strip(
    strip: Axes, axes: Axes, unknown: pd.DataFrame, chart: TradeOff, data: PlotData
) -> Callable[[], None]:
    """The systems with unknown x beside the panel, on the same y scale, a lane per retriever."""
    names = sorted(unknown["retriever"].unique())
    lane = unknown["retriever"].map(names.index) - (len(names) - 1) / 2
    unknown = unknown.assign(**{chart.x: lane * min(0.3, 1.2 / len(names)) - 0.4})
    _draw_points(strip, unknown, chart, data)
    strip.set(xlim=(-1, 1), ylim=axes.get_ylim(), xticks=[], ylabel=axes.get_ylabel())
    strip.set_xlabel(QUANTITIES[chart.x].missing)
    axes.set_ylabel("")
    axes.tick_params(axis="y", labelleft=False)
    return _label_points(strip, unknown, chart, [])


def _label_points(
    axes: Axes, points: pd.DataFrame, chart: TradeOff, first: Sequence[str]
) -> Callable[[], None]:
    """What labels the systems named `first` and each model's (of many, the best models') point."""
    best = points.sort_values(["control", chart.y], ascending=[True, chart.y != "score"])
    best = best.drop_duplicates("model")
    if len(best) > MAX_LABELLED:
        best = best.head(BEST_LABELLED)
    named = pd.concat([points[points["system"].isin(list(first))], best])
    named = named.drop_duplicates("system").head(MAX_LABELLED)

    def place() -> None:
        # the white edge keeps a label readable over lines
        edge = [withStroke(linewidth=2.2, foreground="white")]
        texts = [
            axes.text(x, y, short(model, 30), fontsize=8.0, zorder=5, path_effects=edge)
            for x, y, model in named[[chart.x, chart.y, "model"]].itertuples(index=False)
        ]
        if not texts:
            return
        for text in texts:
            text.set_in_layout(False)
        centres = axes.transData.transform(points[[chart.x, chart.y]].to_numpy())
        radius = _AREA**0.5 / 2 / 72 * axes.figure.dpi
        shifts = product((-radius, 0.0, radius), repeat=2)
        places = np.vstack([centres + np.array(shift) for shift in shifts])
        corners = axes.transData.inverted().transform(places)
        from adjustText import adjust_text

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

    return place


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


def _draw_legend(
    axes: Axes, shown: pd.DataFrame, data: PlotData, chart: TradeOff, width: float
) -> None:
    """Colours of families and shapes of origins, only those that are shown."""
    look: dict[str, Any] = {"linestyle": "", "color": MUTED, "markersize": 7}
    origins = [one for one in _MARKERS if (shown["origin"] == one).any()]
    handles: list[Artist] = [
        Line2D([], [], marker=_MARKERS[one], label=one, **look) for one in origins
    ]
    if shown["control"].any():
        hollow = {**look, "markerfacecolor": "white", "label": "control (hollow)"}
        handles.append(Line2D([], [], marker="o", **hollow))
    if chart.front:
        handles.append(Line2D([], [], color=INK, lw=1, label="Pareto front"))
    legend_above(axes, [*handles, *family_patches(data, shown)], width)


def _label_lines(shown: pd.DataFrame, chart: TradeOff) -> list[str]:
    many = shown["model"].nunique() > MAX_LABELLED
    what = "best" if chart.y == "score" else "lowest"
    which = f"the {BEST_LABELLED} {what} models" if many else f"each model at its {what} point"
    line = f"Labelled if there is room: {which}{' and the front' * chart.front}."
    if chart.x == "size" and shown.groupby("model")["retriever"].nunique().max() > 1:
        line += " Retrievers are shifted sideways so that points do not overlap."
    return [line]


def _area_lines(known: pd.DataFrame, name: str) -> list[str]:
    largest = known[name].max()
    if not largest > 0:
        return ["No system has a cost: all points have the usual size."]
    smallest, unknown = largest * _AREA / _LARGEST_AREA, known["system"][known[name].isna()]
    return [
        f"The largest bubble is {largest:.3g} {QUANTITIES[name].label}; areas are proportional, "
        f"down to {smallest:.2g}.",
        *names_line("Cost not known (the smallest points, not 0)", unknown),
    ]


def _plot(name: str, title: str, x: str, y: str, **look: Any) -> Plot:
    chart = TradeOff(x, y, **look)
    return Plot(name, title, lambda data: draw_trade_off(chart, data))


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
