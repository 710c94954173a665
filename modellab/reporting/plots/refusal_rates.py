"""How often a system gives no answer: rightly, needlessly, or because something failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from modellab.core.records import Outcome, Status
from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import entry_label
from modellab.reporting.plots.protocol import Plot
from modellab.reporting.plots.rows import (
    best_rows,
    part_controls,
    prepare_rows,
    row_caption,
    row_figure,
    write_column,
)
from modellab.reporting.plots.style import frame, legend_above

TITLE = "Answers that were not given"
PANEL_WIDTH = 5.6
_RIGHTLY = "abstained rightly"
#: label and colour of what is counted, in the order of the bars
_WAYS: Mapping[str, tuple[str, str]] = {
    _RIGHTLY: ("abstained, rightly", "#029e73"),
    Outcome.DECLINED: ("declined: there is an answer", "#56b4e9"),
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
    for way, (_, colour) in _WAYS.items():
        shares = [_share(entry, way) for entry in entries]
        axes.barh(range(len(entries)), shares, left=starts, height=0.72, color=colour)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    axes.set_xlim(0, min(1.0, 1.05 * max(*starts, 0.1)))
    write_column(axes, range(len(entries)), [f"{100 * total:.1f}%" for total in starts])
    axes.set_xlabel(f"Share of rows without an answer (n = {_rows(entries)})")
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    patches = [Patch(color=colour, label=label) for label, colour in _WAYS.values()]
    legend_above(axes, patches, PANEL_WIDTH)
    caption = [
        *row_caption(data.models, entries, left_out),
        "To abstain is right where the documents have no answer. In order of the overall score.",
    ]
    frame(figure, TITLE, caption)
    return figure


def _share(entry: Entry, way: str) -> float:
    """Of all rows, those of unanswerable questions included."""
    statuses, declined = entry.summary.statuses, entry.summary.outcomes[Outcome.DECLINED.value]
    total = sum(statuses.values())
    counts: Mapping[str, int] = {
        **statuses,
        Outcome.DECLINED.value: declined,
        _RIGHTLY: statuses.get(Status.ABSTAINED.value, 0) - declined,
    }
    return counts.get(way, 0) / total if total else 0.0


def _rows(entries: Sequence[Entry]) -> str:
    counts = [sum(entry.summary.statuses.values()) for entry in entries]
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


PLOT = Plot("refusal_rates", TITLE, draw)
