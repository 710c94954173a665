"""What the uncertainty of each overall score comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.evaluation.compare.entries import Entry, components_of
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import component_label, entry_label
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    prepare_rows,
    row_caption,
    row_figure,
    write_column,
)
from modellab.reporting.plots.style import INK, frame, legend_above

TITLE = "Noise budget of the overall score"
PANEL_WIDTH = 6.0
#: parts of a bar by source, in this order
_PARTS: Mapping[str, tuple[str, str]] = {
    "questions": ("questions", "#0173b2"),
    "repeats": ("repeats (sampling)", "#de8f05"),
    "questions_and_repeats": ("questions and sampling, asked once", "#9ecae1"),
}
_RETRIEVER = "retriever"
#: variance by system and source
Budget = Mapping[tuple[str, str], float]


def draw(data: PlotData) -> Figure:
    """A bar per system, as long as the score's standard error, cut by shares of its variance."""
    overall = components_of(data.models)[-1]
    rows = [row for row in data.table("noise_budget") if row["component"] == overall]
    budget = {(row["system"], row["source"]): float(row["variance"]) for row in rows}
    entries, left_out = best_rows(data.models)
    shown = [entry for entry in entries if any((entry.name, part) in budget for part in _PARTS)]
    if not shown:
        raise NothingToShow("No overall score has a noise budget, so there is nothing to show.")
    labels = [entry_label(entry) for entry in shown]
    figure = row_figure(labels, [PANEL_WIDTH])
    axes = figure.subplots()
    errors = [_variance(entry, budget) ** 0.5 for entry in shown]
    retrievers = [budget.get((entry.name, _RETRIEVER), 0.0) ** 0.5 for entry in shown]
    prepare_rows(axes, labels, 1.05 * max([*errors, *retrievers, 1e-6]))
    axes.set_xlabel(f"{component_label(overall)}: standard error")
    _bars(axes, shown, budget, errors)
    _marks(axes, retrievers)
    write_column(axes, range(len(shown)), [f"{error:.3f}" for error in errors])
    _legend(axes, budget, any(retrievers))
    caption = [
        *row_caption(data.models, shown, left_out),
        "Bars: the standard error of the score, parted by the shares of its variance.",
        *(
            ["Diamonds: by how much one model's score differs between its retrievers."]
            if any(retrievers)
            else []
        ),
    ]
    frame(figure, TITLE, caption)
    return figure


def _variance(entry: Entry, budget: Budget) -> float:
    return sum(budget.get((entry.name, part), 0.0) for part in _PARTS)


def _bars(axes: Axes, entries: Sequence[Entry], budget: Budget, errors: Sequence[float]) -> None:
    starts = [0.0] * len(entries)
    for part, (_, colour) in _PARTS.items():
        lengths = [
            error * budget.get((entry.name, part), 0.0) / (_variance(entry, budget) or 1.0)
            for entry, error in zip(entries, errors, strict=True)
        ]
        axes.barh(range(len(entries)), lengths, left=starts, height=0.72, color=colour)
        starts = [start + length for start, length in zip(starts, lengths, strict=True)]


def _marks(axes: Axes, retrievers: Sequence[float]) -> None:
    for row, spread in enumerate(retrievers):
        if spread:
            axes.plot(spread, row, "D", color=INK, markeredgecolor="white", markersize=6)


def _legend(axes: Axes, budget: Budget, retrievers: bool) -> None:
    found = {source for _, source in budget}
    patches = [
        Patch(color=colour, label=label)
        for part, (label, colour) in _PARTS.items()
        if part in found
    ]
    if retrievers:
        patches.append(Patch(color=INK, label="between retrievers"))
    legend_above(axes, patches, PANEL_WIDTH)


PLOT = Plot("noise_budget", TITLE, draw)
