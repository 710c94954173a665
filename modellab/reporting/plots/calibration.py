"""Whether answers that a system is sure of are right that often."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from statsmodels.stats.proportion import proportion_confint

from modellab.core.records import Outcome
from modellab.evaluation.calibration import BINS, bins_of, expected_calibration_error
from modellab.evaluation.compare.entries import Entry, entries_of, entry_name, ranked
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import (
    entry_label,
    names_line,
    shortened_line,
    source_line,
    system_names,
)
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.style import LETTER_WIDTH, MUTED, frame, new_figure, retriever_colours

TITLE = "Calibration of confidence"
#: of the intervals of each bin's share
CONFIDENCE_LEVEL = 0.95
#: panels; the best systems have one each
MAX_PANELS = 12
_COLUMNS = 4
Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Curve:
    """One system's answers in bins of confidence; `error` is their expected calibration error.

    `ends` (2, bins) are the lows and highs of each bin's accuracy.
    """

    entry: Entry
    confidence: Numbers
    accuracy: Numbers
    ends: Numbers
    counts: Numbers
    error: float


def draw(data: PlotData) -> Figure:
    """A panel per system: the share of right answers against confidence, dots as large as n."""
    entries = ranked(data.models)
    found = _curves(data)
    curves = [found[entry.name] for entry in entries if entry.name in found]
    if not curves:
        reason = (
            "No answer comes with a confidence (`confidence: true` of a transformers model), so "
            "there is nothing to show."
        )
        raise NothingToShow(reason)
    shown = curves[:MAX_PANELS]
    figure, grid = _figure(shown)
    colours = retriever_colours(data.models)
    for axes, curve in zip(grid, shown, strict=True):
        _panel(axes, curve, colours[curve.entry.summary.retriever])
    bare = system_names([e for e in entries if e.name not in found], entries)
    caption = [
        source_line(data.models),
        "Confidence: geometric mean of the probabilities of an answer's tokens. "
        f"{BINS} bins of equal width; areas of dots grow with the answers in them. On the line a "
        "system is right as often as it says. First repeat.",
        f"Lines up and down: {CONFIDENCE_LEVEL:.0%} intervals of the share right (Wilson).",
        "ECE: expected calibration error, the mean distance from the line weighted by n.",
        *shortened_line([curve.entry.model.name for curve in shown]),
        *names_line("Not shown (after the best)", [c.entry.name for c in curves[MAX_PANELS:]]),
        *names_line("Not shown (no confidence)", bare),
    ]
    frame(figure, TITLE, caption)
    return figure


def _curves(data: PlotData) -> dict[str, Curve]:
    """By system; those without a confidence are not in it. Each model's files are read once."""
    entries = {entry.name: entry for entry in entries_of(data.models)}
    found: dict[str, list[tuple[float, bool]]] = {name: [] for name in entries}
    for model in data.models:
        sure = _confidences(data.predictions.get(model.name, ()))
        for row in data.rows.get(model.name, ()) if sure else ():
            confidence = sure.get((row["question_id"], row["retriever"], row["repeat"]))
            if confidence is not None and row["outcome"]:
                right = row["outcome"] == Outcome.RIGHT
                found[entry_name(model.name, row["retriever"])].append((confidence, right))
    return {name: _curve(entries[name], pairs) for name, pairs in found.items() if pairs}


def _confidences(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], float]:
    """By question, retriever and repeat, of first repeats that have one."""
    return {
        (row["question_id"], row["retriever"], str(row["repeat"])): row["confidence"]
        for row in rows
        if row.get("confidence") is not None and row["repeat"] == FIRST_REPEAT
    }


def _curve(entry: Entry, pairs: Sequence[tuple[float, bool]]) -> Curve:
    bins, error = bins_of(pairs), expected_calibration_error(pairs)
    assert error is not None
    ends = [
        proportion_confint(
            one.accuracy * one.count, one.count, alpha=1 - CONFIDENCE_LEVEL, method="wilson"
        )
        for one in bins
    ]
    return Curve(
        entry=entry,
        confidence=np.array([one.confidence for one in bins]),
        accuracy=np.array([one.accuracy for one in bins]),
        ends=np.array(ends).T,
        counts=np.array([one.count for one in bins]),
        error=error,
    )


def _figure(curves: Sequence[Curve]) -> tuple[Figure, list[Axes]]:
    columns = min(len(curves), _COLUMNS)
    lines = math.ceil(len(curves) / columns)
    longest = max(len(entry_label(curve.entry)) for curve in curves)
    width = max(3.0, longest * LETTER_WIDTH + 0.5)
    figure = new_figure(width * columns, 3.1 * lines + 1.5)
    grid = list(figure.subplots(lines, columns, squeeze=False).flat)
    for axes in grid[len(curves) :]:
        axes.remove()
    return figure, grid[: len(curves)]


def _panel(axes: Axes, curve: Curve, colour: str) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(curve.confidence, curve.accuracy, color=colour, linewidth=1.0)
    axes.vlines(curve.confidence, *curve.ends, color=colour, linewidth=0.9, alpha=0.6)
    areas = 12 + 180 * curve.counts / curve.counts.sum()
    axes.scatter(curve.confidence, curve.accuracy, s=areas, color=colour, zorder=3)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.06, 1.06), xlabel="Confidence", ylabel="Share right")
    axes.set_title(entry_label(curve.entry), fontsize=9)
    axes.text(0.03, 0.97, f"ECE {curve.error:.3f}, n = {curve.counts.sum()}", va="top", fontsize=8)


PLOT = Plot("calibration", TITLE, draw)
