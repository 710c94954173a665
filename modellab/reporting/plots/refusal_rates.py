"""How often a system gives no answer: rightly, needlessly, or because something failed."""

from __future__ import annotations

from matplotlib.patches import Patch

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    part_controls,
    row_chart,
    stacked_bars,
    write_column,
)
from modellab.reporting.plots.style import APART, GREY, legend_above
from modellab.reporting.plots.words import about, span, system_labels

#: label and colour of what is counted, in the order of the bars
_WAYS = {
    "rightly": ("abstained: there is no answer", APART[2]),
    "declined": ("declined: there is an answer", APART[8]),
    "unparsed": ("unreadable", APART[1]),
    "failed": ("request failed", APART[3]),
    "missing": ("missing", GREY),
}
_WIDTH = 5.6


def draw(data: PlotData) -> Drawn:
    """Stacked bars of shares of all answers that were wanted, in order of the overall score."""
    systems, left_out = best_rows(data)
    counts = systems.assign(rightly=systems["abstained"] - systems["declined"])[list(_WAYS)]
    shares = counts.div(systems["rows"].where(systems["rows"] > 0), axis=0).astype(float).fillna(0)
    totals = shares.sum(axis=1)
    figure, [axes] = row_chart(system_labels(systems), [_WIDTH])
    stacked_bars(axes, shares, {name: colour for name, (_, colour) in _WAYS.items()})
    part_controls(axes, systems)
    axes.set_xlim(0, min(1.0, 1.05 * max(totals.max(), 0.1)))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    axes.set_xlabel(f"Share of questions without an answer (n = {span(systems['rows'])})")
    write_column(axes, range(len(systems)), [f"{100 * total:.1f}%" for total in totals])
    patches = [Patch(color=colour, label=label) for label, colour in _WAYS.values()]
    legend_above(axes, patches, _WIDTH)
    caption = [
        *about(data, systems),
        "To abstain is right where the documents have no answer. In order of the overall score.",
        *left_out,
    ]
    return Drawn(figure, caption)


PLOT = Plot("refusal_rates", "Questions without an answer", draw)
