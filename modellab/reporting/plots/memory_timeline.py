"""Memory along a run: before the model, with it, after answering, after it was closed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import names_line, short, shortened_line, source_line
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.style import INK, MUTED, frame, new_figure

TITLE = "Memory along the run"
#: panels that a picture holds; the models that take most have one each
MAX_PANELS = 60
_COLUMNS = 5
_WIDTH, _HEIGHT = 2.9, 2.1


@dataclass(frozen=True)
class Timeline:
    """One model's readings in GB, in order; `what` was read: the GPUs or the process."""

    model: str
    steps: tuple[str, ...]
    held: tuple[float, ...]
    what: str

    @property
    def peak(self) -> float:
        return max(self.held)


def draw(data: PlotData) -> Figure:
    """A panel per model that logs its memory, the largest first."""
    found = [_timeline(model.name, data.runs.get(model.name, {})) for model in data.models]
    lines = sorted((line for line in found if line), key=lambda line: -line.peak)
    bare = [m.name for m, line in zip(data.models, found, strict=True) if line is None]
    if not lines:
        raise NothingToShow(
            "No model logged its memory (models in the job's own process do), so there is nothing "
            "to show.",
        )
    shown = lines[:MAX_PANELS]
    figure, grid = _figure(len(shown))
    for axes, line in zip(grid, shown, strict=True):
        _panel(axes, line)
    caption = [
        source_line(data.models),
        "Held when the step was reached, in GB: by the cards' allocator, or by the process where "
        "there is no GPU. Dashed: before the model was loaded. Each panel has its own scale.",
        *shortened_line([line.model for line in shown]),
        *names_line("Not shown (less memory)", [line.model for line in lines[MAX_PANELS:]]),
        *names_line("Not shown (no memory log)", bare),
    ]
    frame(figure, TITLE, caption)
    return figure


def _timeline(name: str, run: Mapping[str, Any]) -> Timeline | None:
    readings = (run.get("model_report") or {}).get("memory") or []
    for key, what in (("allocated_mb", "GPUs"), ("rss_mb", "process")):
        known = [(r["at"], float(r[key]) / 1024) for r in readings if r.get(key) is not None]
        if len(known) > 1:
            steps, held = zip(*known, strict=True)
            return Timeline(name, steps, held, what)
    return None


def _figure(panels: int) -> tuple[Figure, list[Axes]]:
    columns = min(panels, _COLUMNS)
    rows = math.ceil(panels / columns)
    figure = new_figure(max(_WIDTH * columns, 5.6), _HEIGHT * rows + 1.5)
    grid = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in grid[panels:]:
        axes.remove()
    return figure, grid[:panels]


def _panel(axes: Axes, line: Timeline) -> None:
    places = range(len(line.steps))
    axes.axhline(line.held[0], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.fill_between(places, line.held, color="#0173b2", alpha=0.25, linewidth=0)
    axes.plot(places, line.held, color="#0173b2", marker="o", markersize=4)
    axes.set(ylim=(0, 1.18 * max(line.peak, 1e-3)), xlim=(-0.3, len(line.steps) - 0.7))
    axes.set_xticks(places, [short(step, 10) for step in line.steps], rotation=90)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_title(f"{short(line.model, 26)}", fontsize=8.5)
    axes.set_ylabel(f"GB ({line.what})", fontsize=8)
    peak = line.held.index(line.peak)
    axes.annotate(
        f"{line.peak:.1f}",
        (peak, line.peak),
        (0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
        color=INK,
    )


PLOT = Plot("memory_timeline", TITLE, draw)
