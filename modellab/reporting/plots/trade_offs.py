"""Score, size, cost, time and energy of every system, and all plots of one against another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import seaborn as sns
from adjustText import adjust_text
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
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

#: up to this many models each has a label; of more, so many have one
MAX_LABELLED, MOST_LABELLED = 12, 6
_MARKERS = {"local": "s", "API": "o", "submission": "D", "ensemble": "^"}
#: area of a point, and of the largest bubble, in square points of paper
_AREA, _MOST_AREA = 46.0, 620.0
_WIDTH, _HEIGHT, _PANEL_HEIGHT = 9.0, 5.4, 4.0
#: between the points of two retrievers on a logarithmic scale, as a share of the panel's width
_SIDESTEP = 0.012


@dataclass(frozen=True)
class Quantity:
    """A column of `quantities`: its words, and why a system may have none."""

    label: str
    missing: str
    log: bool = False
    #: lines of the caption, from the systems shown
    note: Callable[[pd.DataFrame], list[str]] = lambda _: []


def _about_time(shown: pd.DataFrame) -> list[str]:
    return [
        "Seconds per answer: wall clock of generation / answers. The mean time from request to "
        "answer is longer where answers overlap.",
        *concurrency_lines(shown),
    ]


QUANTITIES = {
    "size": Quantity("Size in billions of parameters", "no size (size_b)", log=True),
    "score": Quantity("Score", "no score"),
    "cost": Quantity("US dollars per 1,000 answers", "cost not known"),
    "seconds": Quantity("Seconds per answer", "not timed", note=_about_time),
    "energy": Quantity(
        "Watt-hours per 1,000 answers",
        "no meter: no NVIDIA GPU, or behind an API",
        note=lambda _: [
            "Energy of the GPUs while the model was open, over all its retrievers; one point per "
            "model."
        ],
    ),
}


@dataclass(frozen=True)
class TradeOff:
    """One quantity against another.

    `front` joins the contenders that no other beats in both, less of x and more of y. `apart`
    gives those whose x is not known a strip of their own. `area` is what bubbles stand for.
    """

    x: str
    y: str
    front: bool = False
    apart: bool = False
    area: str | None = None


def quantities(data: PlotData) -> pd.DataFrame:
    """The systems with a column per quantity, NaN where it is not known, never 0 in its place.

    `score` is the overall score, `low` and `high` its interval, `size` in billions of parameters,
    `cost` in US dollars and `energy` in watt-hours per 1,000 answers (of the model, over all its
    retrievers), `seconds` of the wall clock per answer.
    """
    table = data.systems.copy()
    table["score"] = table[data.overall].astype(float)
    table[["low", "high"]] = data.intervals(data.overall)[["low", "high"]].to_numpy()
    size = pd.to_numeric(table["size_b"])
    table["size"] = size.where((size > 0) & (size < math.inf))
    table["cost"] = (
        1000 * pd.to_numeric(table["cost_usd"]) / table["asked"].where(table["asked"] > 0)
    )
    table["seconds"] = pd.to_numeric(table["seconds_per_answer"])
    runs = data.table("runs")
    energy = {} if runs.empty else dict(zip(runs["model"], runs["energy"], strict=True))
    table["energy"] = pd.to_numeric(table["model"].map(energy))
    return table


def draw_trade_off(chart: TradeOff, data: PlotData) -> Drawn:
    """A point per system: colour for its family, shape for where it runs, hollow for controls."""
    table = quantities(data)
    if chart.y == "energy":
        table = table.drop_duplicates("model")
    known = table.dropna(subset=[chart.x, chart.y])
    if known.empty:
        reasons = " or ".join(dict.fromkeys(QUANTITIES[one].missing for one in (chart.x, chart.y)))
        raise NothingToShow(f"No system has both numbers ({reasons}).")
    apart = table[table[chart.x].isna() & table[chart.y].notna() & chart.apart]
    shown = pd.concat([known, apart])
    figure = new_figure(_WIDTH + 2.4 * (not apart.empty), _HEIGHT)
    widths = [2.4, _WIDTH] if len(apart) else [_WIDTH]
    legend, panels = panel_grid(figure, len(widths), 2, widths)
    draw_legend(legend, shown, data, chart)
    front = _front(known, chart) if chart.front else known.head(0)
    finish = [_panel(panels[-1], known, chart, data, front, shown)]
    if len(apart):
        finish.append(_strip(panels[0], panels[-1], apart, chart, data))
    caption = [*about(data, shown, labelled=False), *_label_lines(shown, chart)]
    if chart.front:
        best = ", ".join(short(name) for name in front["system"].head(6))
        caption.append(f"Pareto front: contenders that no other beats in both: {best}.")
    if chart.area:
        caption += _about_areas(known, chart.area)
    if chart.y == "score":
        caption += interval_lines(data, shown, [data.overall])
    for name in dict.fromkeys((chart.x, chart.y)):
        caption += QUANTITIES[name].note(shown)
        lacking = table[table[name].isna() & ~table["system"].isin(shown["system"])]
        what = f"Not shown ({QUANTITIES[name].missing})"
        caption += names_line(what, system_names(lacking, table))
    return Drawn(figure, caption, finish)


def draw_sizes_and_scores(data: PlotData) -> Drawn:
    """A panel per component against size, the overall score first."""
    table = quantities(data)
    sized = table.dropna(subset=["size"])
    if sized.empty:
        raise NothingToShow("No model has a size (size_b).")
    components = [data.overall, *data.components[:-1]]
    columns = min(len(components), 2)
    height = _PANEL_HEIGHT * math.ceil(len(components) / columns) + 0.8
    figure = new_figure(6.2 * columns, height)
    legend, grid = panel_grid(figure, len(components), 2)
    chart = TradeOff("size", "score")
    draw_legend(legend, sized, data, chart)
    finish, lacking = [], []
    for axes, component in zip(grid, components, strict=True):
        ends = data.intervals(component).set_index("system").reindex(sized["system"])
        scores = {"score": sized[component].astype(float), "low": ends["low"].array}
        points = sized.assign(**scores, high=ends["high"].array)
        known = points.dropna(subset=["score"])
        what = f"Not shown in {component_label(component)} (no value)"
        lacking += names_line(what, points["system"][points["score"].isna()])
        finish.append(_panel(axes, known, chart, data, known.head(0), known))
        axes.set_title(titled(sized, component))
        axes.set_ylabel("")
    caption = [
        *about(data, sized, labelled=False),
        *_label_lines(sized, chart),
        *interval_lines(data, sized, components),
        *names_line("Not shown (no size)", table[table["size"].isna()]["model"].unique()),
        *lacking,
    ]
    return Drawn(figure, caption, finish)


def _panel(
    axes: Axes,
    points: pd.DataFrame,
    chart: TradeOff,
    data: PlotData,
    front: pd.DataFrame,
    upright: pd.DataFrame,
) -> Callable[[], None]:
    """Scales (`upright` for that of y), front and points; gives what puts the labels."""
    for which, name, shown in (("x", chart.x, points), ("y", chart.y, upright)):
        quantity, values = QUANTITIES[name], shown[name]
        label = titled(points, data.overall) if name == "score" else quantity.label
        if name == "score":
            values = pd.concat([pd.Series([0.0]), values, shown["high"]])
        scale(axes, which, values, label, log=quantity.log)
    points = _side_by_side(points, chart.x)
    axes.plot(front[chart.x], front[chart.y], drawstyle="steps-post", color=INK, lw=1, zorder=1.5)
    draw_points(axes, points, chart, data)
    return label_points(axes, points, chart, list(front["system"]))


def _side_by_side(points: pd.DataFrame, x: str) -> pd.DataFrame:
    """The points, those of one retriever a little beside those of another, on a scale of sizes."""
    names = sorted(points["retriever"].unique())
    if x != "size" or len(names) == 1:
        return points
    width = points[x].max() * 1.7 / (points[x].min() / 1.7)
    place = points["retriever"].map(names.index) - (len(names) - 1) / 2
    return points.assign(**{x: points[x] * width ** (_SIDESTEP * place)})


def _front(points: pd.DataFrame, chart: TradeOff) -> pd.DataFrame:
    """The contenders that have more of y than all with less of x, from little x on."""
    rest = points[~points["control"]].sort_values([chart.x, chart.y], ascending=[True, False])
    best = rest[chart.y].cummax().shift(fill_value=-math.inf)
    return rest[rest[chart.y] > best]


def draw_points(axes: Axes, points: pd.DataFrame, chart: TradeOff, data: PlotData) -> None:
    colours = family_colours(data.systems)
    points = points.assign(area=areas(points, chart)).sort_values("area", ascending=False)
    if chart.y == "score":
        lines = points["family"].map(colours).to_list()
        ends = (points[chart.x], points["low"], points["high"])
        axes.vlines(*ends, colors=lines, linewidth=0.8, alpha=0.5, zorder=1)
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


def areas(points: pd.DataFrame, chart: TradeOff) -> pd.Series[float]:
    """Of bubbles in the ratio of what they stand for; the usual one where that is not known."""
    if chart.area is None or not points[chart.area].max() > 0:
        return pd.Series(_AREA, index=points.index)
    share = points[chart.area] / points[chart.area].max()
    found: pd.Series[float] = (_MOST_AREA * share).clip(lower=_AREA).fillna(0.4 * _AREA)
    return found


def _strip(
    strip: Axes, axes: Axes, apart: pd.DataFrame, chart: TradeOff, data: PlotData
) -> Callable[[], None]:
    """Beside the panel those whose x is not known: the same upright scale, a lane per retriever."""
    names = sorted(apart["retriever"].unique())
    lane = apart["retriever"].map(names.index) - (len(names) - 1) / 2
    apart = apart.assign(**{chart.x: lane * min(0.3, 1.2 / len(names)) - 0.4})
    draw_points(strip, apart, chart, data)
    strip.set(xlim=(-1, 1), ylim=axes.get_ylim(), xticks=[], ylabel=axes.get_ylabel())
    strip.set_xlabel(QUANTITIES[chart.x].missing)
    axes.set_ylabel("")
    axes.tick_params(axis="y", labelleft=False)
    return label_points(strip, apart, chart, [])


def label_points(
    axes: Axes, points: pd.DataFrame, chart: TradeOff, first: Sequence[str]
) -> Callable[[], None]:
    """What puts a label at each model's best point as a contender; of many models, at the best.

    Those named `first` have one in any case. A label that has no room is left out.
    """
    best_first = points.sort_values(["control", chart.y], ascending=[True, chart.y != "score"])
    best = best_first.drop_duplicates("model")
    if len(best) > MAX_LABELLED:
        best = best.head(MOST_LABELLED)
    named = pd.concat([points[points["system"].isin(list(first))], best])
    named = named.drop_duplicates("system").head(MAX_LABELLED)

    def place() -> None:
        texts = [
            axes.text(row[chart.x], row[chart.y], short(row["model"], 30), fontsize=8.0, zorder=5)
            for _, row in named.iterrows()
        ]
        for text in texts:
            # lines that pass below it must not make it unreadable
            text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
            text.set_in_layout(False)
        if not texts:
            return
        _, lines = adjust_text(
            texts,
            x=points[chart.x].to_numpy(),
            y=points[chart.y].to_numpy(),
            ax=axes,
            expand=(1.08, 1.4),
            iter_lim=400,  # not by the clock: the same picture every time
            arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.6},
        )
        _without_overlaps(axes, texts, lines)

    return place


def _without_overlaps(axes: Axes, texts: Sequence[Text], lines: Sequence[Artist]) -> None:
    """Take away labels that still cover an earlier one, or that leave the panel."""
    kept: list[Bbox] = []
    inside = axes.get_window_extent().padded(3)
    for text in texts:
        box = text.get_window_extent()
        if Bbox.union([inside, box]).bounds == inside.bounds and not any(map(box.overlaps, kept)):
            kept.append(box)
        else:
            text.set_visible(False)
    for line in lines:
        line.set_visible(
            getattr(line, "patchA", None) not in [t for t in texts if not t.get_visible()]
        )


def draw_legend(axes: Axes, shown: pd.DataFrame, data: PlotData, chart: TradeOff) -> None:
    """Patches for families, shapes for where systems run; only those that are shown."""
    look: dict[str, Any] = {"linestyle": "", "color": MUTED, "markersize": 7}
    handles: list[Artist] = [
        Line2D([], [], marker=marker, label=origin, **look)
        for origin, marker in _MARKERS.items()
        if (shown["origin"] == origin).any()
    ]
    if shown["control"].any():
        hollow = {**look, "markerfacecolor": "white", "label": "control (hollow)"}
        handles.append(Line2D([], [], marker="o", **hollow))
    if chart.front:
        handles.append(Line2D([], [], color=INK, lw=1, label="Pareto front"))
    figure = axes.get_figure(root=True)
    assert figure is not None
    legend_above(axes, [*handles, *family_patches(data, shown)], figure.get_figwidth() - 1)


def _label_lines(shown: pd.DataFrame, chart: TradeOff) -> list[str]:
    many = shown["model"].nunique() > MAX_LABELLED
    what = "best" if chart.y == "score" else "lowest"
    which = f"the {MOST_LABELLED} {what} models" if many else f"each model at its {what} point"
    several = bool(shown.groupby("model")["retriever"].nunique().max() > 1)
    aside = " Retrievers are shifted sideways so that points do not overlap."
    return [
        f"Labelled where there is room: {which}{' and the front' * chart.front}."
        f"{aside * (several and chart.x == 'size')}"
    ]


def _about_areas(known: pd.DataFrame, name: str) -> list[str]:
    dearest = known[name].max()
    if not dearest > 0:
        return ["No system has a cost: all points have the usual size."]
    least, unknown = dearest * _AREA / _MOST_AREA, known["system"][known[name].isna()]
    return [
        f"The largest bubble is {dearest:.3g} {QUANTITIES[name].label}; areas follow the cost, "
        f"down to {least:.2g}.",
        *names_line("Cost not known (the smallest points, not 0)", unknown),
    ]


def _plot(name: str, title: str, x: str, y: str, **look: Any) -> Plot:
    return Plot(name, title, partial(draw_trade_off, TradeOff(x, y, **look)))


SIZE_VS_SCORES = Plot("size_vs_scores", "Scores by model size", draw_sizes_and_scores)
SIZE_VS_LATENCY = _plot("size_vs_latency", "Time per answer by model size", "size", "seconds")
SIZE_VS_COST = _plot("size_vs_cost", "Cost by model size", "size", "cost")
SIZE_VS_ENERGY = _plot("size_vs_energy", "Energy by model size", "size", "energy")
BUBBLE = _plot("size_score_cost_bubble", "Score, size and cost", "size", "score", area="cost")
COST_VS_PERFORMANCE = _plot(
    "cost_vs_performance", "Score by cost", "cost", "score", front=True, apart=True
)
COST_VS_SCORE = _plot(
    "cost_vs_score", "Score by cost of priced systems", "cost", "score", front=True
)
TIME_VS_SCORE = _plot("time_vs_score", "Score by time per answer", "seconds", "score", front=True)
