"""How often a system gives no answer, and in which of the four ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.compare.entries import Entry
from modellab.plots.data import PlotData
from modellab.plots.labels import entry_label
from modellab.plots.protocol import Plot
from modellab.plots.rows import (
    best_rows,
    part_controls,
    prepare_rows,
    row_caption,
    row_figure,
    write_column,
)
from modellab.plots.style import frame, legend_above
from modellab.records import Status

TITLE = "Answers that were not given"
PANEL_WIDTH = 5.6
_WAYS: Mapping[Status, tuple[str, str]] = {
    Status.ABSTAINED: ("said that it cannot answer", "#56b4e9"),
    Status.UNPARSED: ("not readable", "#de8f05"),
    Status.FAILED: ("provider error", "#8c2d04"),
    Status.MISSING: ("no row", "#7a7a7a"),
}


def draw(data: PlotData) -> Figure:
    """Stacked bars of shares of all rows, systems in order of rank."""
    entries, left_out = best_rows(data.models)
    labels = [entry_label(entry) for entry in entries]
    figure = row_figure(labels, [PANEL_WIDTH])
    axes = figure.subplots()
    prepare_rows(axes, labels)
    part_controls(axes, entries)
    starts = [0.0] * len(entries)
    for status, (_, colour) in _WAYS.items():
        shares = [_share(entry, status) for entry in entries]
        axes.barh(range(len(entries)), shares, left=starts, height=0.72, color=colour)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    axes.set_xlim(0, min(1.0, 1.05 * max(*starts, 0.1)))
    write_column(axes, range(len(entries)), [f"{100 * total:.1f}%" for total in starts])
    axes.set_xlabel(f"Share of rows without an answer (n = {_rows(entries)})")
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}%")
    patches = [Patch(color=colour, label=label) for label, colour in _WAYS.values()]
    legend_above(axes, patches, PANEL_WIDTH)
    caption = [
        *row_caption(data.models, entries, left_out),
        "To say that there is no answer is right where the documents have none. "
        "In order of the overall score.",
    ]
    frame(figure, TITLE, caption)
    return figure


def _share(entry: Entry, status: Status) -> float:
    total = sum(entry.summary.statuses.values())
    return entry.summary.statuses.get(status.value, 0) / total if total else 0.0


def _rows(entries: Sequence[Entry]) -> str:
    counts = [sum(entry.summary.statuses.values()) for entry in entries]
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


PLOT = Plot("refusal_rates", TITLE, draw)
