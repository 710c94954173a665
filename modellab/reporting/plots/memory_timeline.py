"""Memory along a run: before the model, with it, after answering, after it was closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import APART, MUTED, new_figure, panel_grid
from modellab.reporting.plots.words import names_line, short, source_line

#: panels that a picture holds; the models that take most have one each
MAX_PANELS = 60
_COLUMNS, _WIDTH, _HEIGHT = 5, 2.9, 2.1


@dataclass(frozen=True)
class Timeline:
    """One model's readings in GB, in order; `what` was read: the GPUs or the process."""

    model: str
    steps: tuple[str, ...]
    held: tuple[float, ...]
    what: str


def draw(data: PlotData) -> Drawn:
    """A panel per model that logs its memory, the largest first."""
    runs, models = data.table("runs"), list(data.systems["model"].unique())
    logs = {} if runs.empty else dict(zip(runs["model"], runs["memory"], strict=True))
    found = [line for model in models if (line := _timeline(model, logs.get(model, [])))]
    lines = sorted(found, key=lambda line: -max(line.held))
    if not lines:
        raise NothingToShow("No model logged its memory (models in the job's own process do).")
    shown = lines[:MAX_PANELS]
    columns = min(len(shown), _COLUMNS)
    figure = new_figure(max(_WIDTH * columns, 5.6), _HEIGHT * -(-len(shown) // columns) + 0.9)
    _, grid = panel_grid(figure, len(shown), _COLUMNS)
    for axes, line in zip(grid, shown, strict=True):
        _panel(axes, line)
    logged = {line.model for line in lines}
    caption = [
        source_line(data),
        "Memory in use at each step, in GB: by the allocator of the GPUs, or by the process where "
        "there is no GPU. Dashed: before the model was loaded. Each panel has its own scale.",
        *names_line("Not shown (less memory)", [line.model for line in lines[MAX_PANELS:]]),
        *names_line("Not shown (no memory log)", [one for one in models if one not in logged]),
    ]
    return Drawn(figure, caption)


def _timeline(model: str, readings: Sequence[Mapping[str, Any]]) -> Timeline | None:
    for key, what in (("allocated_mb", "GPUs"), ("rss_mb", "process")):
        known = [(r["at"], float(r[key]) / 1024) for r in readings if r.get(key) is not None]
        if len(known) > 1:
            steps, held = zip(*known, strict=True)
            return Timeline(model, steps, held, what)
    return None


def _panel(axes: Axes, line: Timeline) -> None:
    places, peak = range(len(line.steps)), max(line.held)
    axes.axhline(line.held[0], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.fill_between(places, line.held, color=APART[0], alpha=0.25, linewidth=0)
    axes.plot(places, line.held, color=APART[0], marker="o", markersize=4)
    axes.set(ylim=(0, 1.22 * max(peak, 1e-3)), xlim=(-0.3, len(line.steps) - 0.7))
    axes.set_xticks(places, [short(step, 10) for step in line.steps], rotation=90)
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_title(short(line.model, 26), fontsize=8.5)
    axes.set_ylabel(f"GB ({line.what})", fontsize=8)
    axes.annotate(
        f"{peak:.1f}",
        (line.held.index(peak), peak),
        (0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
    )


PLOT = Plot("memory_timeline", "Memory along the run", draw)
