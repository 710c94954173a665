"""Every component by model and retriever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from modellab.evaluation.compare.entries import EXTERNAL, Entry, components_of, entries_of, ranked
from modellab.reporting.plots.cells import Scale, draw_cells, name_columns
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import (
    component_label,
    control_lines,
    partial_lines,
    scored_rows,
    short,
    shortened_line,
    source_line,
)
from modellab.reporting.plots.protocol import Plot
from modellab.reporting.plots.rows import MAX_ROWS, prepare_rows, row_figure
from modellab.reporting.plots.style import LETTER_WIDTH, frame

TITLE = "Metrics by model and retriever"
#: components that have a panel
MAX_PANELS = 8


def draw(data: PlotData) -> Figure:
    """A panel per component, overall first: a row per model, a column per retriever."""
    components = components_of(data.models)
    panels = [components[-1], *components[:-1]][:MAX_PANELS]
    entries = ranked(data.models)
    models = list(dict.fromkeys(entry.model.name for entry in entries))[:MAX_ROWS]
    retrievers = _columns(entries_of(data.models))
    found = {(entry.model.name, entry.summary.retriever): entry for entry in entries}
    heads = [f"{_head(name)}{' (control)' * control}" for name, control in retrievers.items()]
    width = max(0.55, max(map(len, heads)) * LETTER_WIDTH * (len(heads) == 1)) * len(heads)
    titled = max(len(_title(entries, panel)) for panel in panels) * LETTER_WIDTH * 1.15
    competing = {entry.model.name for entry in entries if not entry.control}
    labels = [f"{short(name)}{' (control)' * (name not in competing)}" for name in models]
    figure = row_figure(labels, [max(width, titled) + 0.25] * len(panels))
    upright = max(map(len, heads)) * LETTER_WIDTH if len(heads) > 1 else 0.0
    figure.set_figheight(figure.get_figheight() + upright)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, component in zip(grid, panels, strict=True):
        values = _values(found, models, list(retrievers), component)
        prepare_rows(axes, labels)
        draw_cells(
            axes, values, [[_cell(value) for value in line] for line in values], _scale(values)
        )
        name_columns(axes, heads, upright=len(heads) > 1)
        axes.set_xlabel(_title(entries, component))
    frame(figure, TITLE, _caption(data, entries, components))
    return figure


def _caption(data: PlotData, entries: Sequence[Entry], components: Sequence[str]) -> list[str]:
    models = list(dict.fromkeys(entry.model.name for entry in entries))
    rest = [component_label(name) for name in [components[-1], *components[:-1]][MAX_PANELS:]]
    lines = [
        source_line(data.models),
        "Models in order of their best overall score, controls last; x 100.",
    ]
    if len(models) > MAX_ROWS:
        lines.append(f"Not shown: the {len(models) - MAX_ROWS} models after place {MAX_ROWS}.")
    if rest:
        lines.append(f"Not shown: {', '.join(rest)}.")
    return [
        *lines,
        "Grey: no score.",
        *control_lines(entries),
        *partial_lines(entries),
        *shortened_line(models),
    ]


def _columns(entries: Sequence[Entry]) -> dict[str, bool]:
    """The retrievers, and whether all systems with one are controls: those come last."""
    found: dict[str, bool] = {}
    for entry in entries:
        name = entry.summary.retriever
        found[name] = found.get(name, True) and entry.control
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _head(retriever: str) -> str:
    return "own file" if retriever == EXTERNAL else short(retriever, 24)


def _title(entries: Sequence[Entry], component: str) -> str:
    return f"{component_label(component)} ({scored_rows(entries, component)})"


def _values(
    found: Mapping[tuple[str, str], Entry],
    models: Sequence[str],
    retrievers: Sequence[str],
    component: str,
) -> np.ndarray:
    """(models, retrievers); NaN where there is no score."""
    scores = [
        [entry.score(component) if (entry := found.get((m, r))) else None for r in retrievers]
        for m in models
    ]
    return np.array(scores, dtype=float)


def _scale(values: np.ndarray) -> Scale:
    """From 0 to 1; for metrics in another scale up to their largest value."""
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    return Scale(0.0, max(1.0, top))


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{100 * value:.0f}"


PLOT = Plot("metric_heatmap", TITLE, draw)
