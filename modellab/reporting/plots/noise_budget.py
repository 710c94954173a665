"""What the uncertainty of each overall score comes from."""

from __future__ import annotations

from matplotlib.patches import Patch

from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, row_chart, stacked_bars, write_column
from modellab.reporting.plots.style import APART, INK, legend_above
from modellab.reporting.plots.words import about, component_label, system_labels

#: parts of a bar by source, in this order
_PARTS = {
    "questions": ("questions", APART[0]),
    "repeats": ("repeats (sampling)", APART[1]),
    "questions_and_repeats": ("questions and sampling, asked once", APART[8]),
}
_RETRIEVER = "retriever"
_WIDTH = 6.0


def draw(data: PlotData) -> Drawn:
    """A bar per system, as long as the score's standard error, cut by shares of its variance."""
    rows = data.table("noise_budget")
    rows = rows[rows["component"] == data.overall]
    budget = rows.pivot_table(index="system", columns="source", values="variance", aggfunc="first")
    budget = budget.reindex(columns=[*_PARTS, _RETRIEVER])
    systems, left_out = best_rows(data)
    systems = systems[systems["system"].isin(budget[list(_PARTS)].dropna(how="all").index)]
    if systems.empty:
        raise NothingToShow("No overall score has a noise budget.")
    budget = budget.reindex(systems["system"]).astype(float).fillna(0.0)
    variances = budget[list(_PARTS)]
    total = variances.sum(axis=1)
    errors, spread = total**0.5, budget[_RETRIEVER] ** 0.5
    figure, [axes] = row_chart(system_labels(systems), [_WIDTH])
    parts = variances.div(total.where(total > 0), axis=0).mul(errors, axis=0).fillna(0.0)
    stacked_bars(axes, parts, {name: colour for name, (_, colour) in _PARTS.items()})
    axes.set_xlim(0, 1.05 * max(errors.max(), spread.max(), 1e-6))
    axes.set_xlabel(f"{component_label(data.overall)}: standard error")
    places = [place for place, value in enumerate(spread) if value > 0]
    axes.scatter(
        spread.iloc[places], places, marker="D", s=34, color=INK, edgecolors="white", zorder=3
    )
    write_column(axes, range(len(systems)), [f"{error:.3f}" for error in errors])
    patches = [
        Patch(color=c, label=label) for name, (label, c) in _PARTS.items() if parts[name].any()
    ]
    if places:
        patches.append(Patch(color=INK, label="between retrievers"))
    legend_above(axes, patches, _WIDTH)
    caption = [
        *about(data, systems),
        "Bars: the standard error of the score, cut by the shares of its variance.",
        *["Diamonds: how much one model's score differs between its retrievers."] * bool(places),
        *left_out,
    ]
    return Drawn(figure, caption)


PLOT = Plot("noise_budget", "Noise budget of the overall score", draw)
