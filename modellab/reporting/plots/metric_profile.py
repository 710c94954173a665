"""The profile of the best models over all components, a radar per retriever."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.projections.polar import PolarAxes

from modellab.evaluation.compare.entries import EXTERNAL, Entry, components_of, ranked
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import component_label, short, shortened_line, source_line
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.style import distinct, frame, legend_above, new_figure

TITLE = "Profiles by retriever"
#: lines that can be told apart in a radar
MAX_MODELS = 6
_COLUMNS = 3
_SIDE = 4.6
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2)), (0, (3, 3)))


def draw(data: PlotData) -> Figure:
    """One axis per component from 0 to 1; the same models in every radar."""
    components = components_of(data.models)
    if len(components) < 3:
        raise NothingToShow("A profile needs three metrics or more, so there is nothing to show.")
    entries = ranked(data.models)
    models = list(dict.fromkeys(entry.model.name for entry in entries))
    shown = models[:MAX_MODELS]
    retrievers = list(dict.fromkeys(e.summary.retriever for e in entries if e.model.name in shown))
    figure, legend, grid = _figure(len(retrievers))
    for axes, retriever in zip(grid, retrievers, strict=True):
        chosen = [e for e in entries if e.summary.retriever == retriever]
        _radar(axes, chosen, shown, components)
        mark = " (control)" * all(entry.control for entry in chosen)
        axes.set_title("own file" if retriever == EXTERNAL else short(retriever) + mark, pad=16)
    handles = [_line(place, short(name)) for place, name in enumerate(shown)]
    legend_above(legend, handles, figure.get_figwidth() - 1)
    rest = len(models) - len(shown)
    caption = [
        source_line(data.models),
        *([f"Shown: the {MAX_MODELS} best models overall; {rest} others are not."] if rest else []),
        *_incomplete(entries, shown, components),
        *shortened_line(shown),
    ]
    frame(figure, TITLE, caption)
    return figure


def _figure(panels: int) -> tuple[Figure, PolarAxes, list[PolarAxes]]:
    columns = min(panels, _COLUMNS)
    rows = math.ceil(panels / columns)
    figure = new_figure(max(_SIDE * columns, 6.4), _SIDE * rows + 1.4)
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[0.01, *[1.0] * rows])
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    places = [grid[1 + number // columns, number % columns] for number in range(panels)]
    radars = [figure.add_subplot(place, projection="polar") for place in places]
    return figure, legend, radars  # type: ignore[return-value]


def _radar(
    axes: PolarAxes, entries: Sequence[Entry], shown: Sequence[str], components: Sequence[str]
) -> None:
    angles = [2 * math.pi * place / len(components) for place in range(len(components))]
    for entry in entries:
        scores = [entry.score(component) for component in components]
        if entry.model.name in shown and None not in scores:
            values = np.array([*scores, scores[0]], dtype=float)
            line = _line(shown.index(entry.model.name), "")
            axes.plot([*angles, angles[0]], values, **_look(shown.index(entry.model.name)))
            axes.fill([*angles, angles[0]], values, color=line.get_color(), alpha=0.06)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["", "0.5", "", "1"], fontsize=7)
    axes.set_rlabel_position(180 / len(components))
    axes.set_xticks(angles, [component_label(name).replace(" ", "\n", 1) for name in components])
    axes.tick_params(axis="x", labelsize=8, pad=2)
    for label, angle in zip(axes.get_xticklabels(), angles, strict=True):
        # beside the circle, not over it: to the right of its right half, to the left of its left
        side = math.sin(angle)
        label.set_horizontalalignment(
            "center" if abs(side) < 0.1 else "left" if side > 0 else "right"
        )


def _look(place: int) -> dict[str, Any]:
    return {
        "color": distinct(MAX_MODELS)[place],
        "linestyle": _DASHES[place],
        "linewidth": 1.8,
        "clip_on": False,
    }


def _line(place: int, label: str) -> Line2D:
    return Line2D([], [], label=label, **_look(place))


def _incomplete(
    entries: Sequence[Entry], shown: Sequence[str], components: Sequence[str]
) -> list[str]:
    names = [
        short(entry.name)
        for entry in entries
        if entry.model.name in shown and any(entry.score(name) is None for name in components)
    ]
    return [f"Not shown (a metric has no value): {', '.join(names)}."] if names else []


PLOT = Plot("metric_profile", TITLE, draw)
