"""Whether answers that a system is sure of are right that often."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from statsmodels.stats.proportion import proportion_confint

from modellab.evaluation.calibration import BINS, bins_of, expected_calibration_error
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import (
    LETTER_WIDTH,
    MUTED,
    family_colours,
    new_figure,
    panel_grid,
)
from modellab.reporting.plots.words import about, names_line, system_labels, system_names

#: of the intervals of each bin's share
CONFIDENCE_LEVEL = 0.95
#: panels; the best systems have one each
MAX_PANELS = 12
_COLUMNS = 4
Pairs = Sequence[tuple[float, bool]]


def draw(data: PlotData) -> Drawn:
    """A panel per system: the share of right answers against confidence, dots as large as n."""
    found = _pairs(data)
    systems = data.systems.assign(label=system_labels(data.systems))
    known = systems[systems["system"].isin(found)]
    if known.empty:
        raise NothingToShow(
            "No answer comes with a confidence (`confidence: true` of a transformers model)."
        )
    shown = known.head(MAX_PANELS)
    columns = min(len(shown), _COLUMNS)
    width = max(3.0, shown["label"].str.len().max() * LETTER_WIDTH * 1.1 + 0.5)
    figure = new_figure(width * columns, 3.1 * -(-len(shown) // columns) + 0.8)
    _, grid = panel_grid(figure, len(shown), _COLUMNS)
    colours = family_colours(data.systems)
    for axes, row in zip(grid, shown.to_dict("records"), strict=True):
        _panel(axes, found[row["system"]], colours[row["family"]])
        axes.set_title(row["label"], fontsize=9)
    caption = [
        *about(data, shown),
        "Confidence: geometric mean of the probabilities of an answer's tokens. "
        f"{BINS} bins of equal width; areas of dots grow with the answers in them. On the line a "
        "system is right as often as it says. First repeat.",
        f"Lines up and down: {CONFIDENCE_LEVEL:.0%} intervals of the share right (Wilson).",
        "ECE: expected calibration error, the mean distance from the line weighted by n.",
        *names_line("Not shown (after the best)", known["system"].iloc[MAX_PANELS:]),
        *names_line(
            "Not shown (no confidence)",
            system_names(systems[~systems["system"].isin(found)], systems),
        ),
    ]
    return Drawn(figure, caption)


def _pairs(data: PlotData) -> dict[str, Pairs]:
    """By system the confidence of each answer and whether it is right; those that have any."""
    answers, rows = data.table("predictions"), data.table("rows")
    if answers.empty or answers["confidence"].isna().all():
        return {}
    sure = answers[answers["confidence"].notna() & (answers["repeat"] == FIRST_REPEAT)]
    rows = rows[(rows["repeat"] == FIRST_REPEAT) & (rows["outcome"] != "")]
    names = ["system", "question_id"]
    both = (
        sure[[*names, "confidence"]]
        .astype(dict.fromkeys(names, str))
        .merge(rows[[*names, "outcome"]].astype(dict.fromkeys(names, str)), on=names)
    )
    both["right"] = both["outcome"] == "right"
    return {
        str(name): list(zip(group["confidence"].astype(float), group["right"], strict=True))
        for name, group in both.groupby("system")
    }


def _panel(axes: Axes, pairs: Pairs, colour: str) -> None:
    bins = pd.DataFrame([vars(one) for one in bins_of(pairs)])
    right = bins["accuracy"] * bins["count"]
    ends = proportion_confint(right, bins["count"], alpha=1 - CONFIDENCE_LEVEL, method="wilson")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(bins["confidence"], bins["accuracy"], color=colour, linewidth=1.0)
    axes.vlines(bins["confidence"], *ends, color=colour, linewidth=0.9, alpha=0.6)
    dots = 12 + 180 * bins["count"] / len(pairs)
    axes.scatter(bins["confidence"], bins["accuracy"], s=dots, color=colour, linewidth=0, zorder=3)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.06, 1.06), xlabel="Confidence", ylabel="Share right")
    error = f"ECE {expected_calibration_error(pairs):.3f}, n = {len(pairs)}"
    axes.text(0.03, 0.97, error, va="top", fontsize=8)


PLOT = Plot("calibration", "Calibration of confidence", draw)
