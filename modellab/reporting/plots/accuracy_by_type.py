"""The share of right answers by kind of question, as the questions' tags say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from statsmodels.stats.proportion import proportion_confint

from modellab.evaluation.compare.entries import Entry
from modellab.reporting.plots.cells import Numbers, Scale, draw_cells, name_columns
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.labels import entry_label, short
from modellab.reporting.plots.marks import correct_marks
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.rows import (
    best_rows,
    part_controls,
    prepare_rows,
    row_caption,
    row_figure,
)
from modellab.reporting.plots.style import LETTER_WIDTH, frame

TITLE = "Accuracy by type of question"
#: with fewer questions than this a share says little
SMALL = 10
#: tags that have a column
MAX_TAGS = 20
#: with more columns there is no room for intervals
MAX_WITH_INTERVALS = 10
CONFIDENCE = 0.95


def draw(data: PlotData) -> Figure:
    """A row per system, a column per tag and one for all questions."""
    tags = _tags(data)
    if not tags:
        raise NothingToShow("No question has a tag, so there is nothing to show.")
    marks = correct_marks(data)
    shown = list(tags)[:MAX_TAGS]
    columns = {**{tag: tags[tag] for tag in shown}, "all": np.ones(len(data.questions), bool)}
    entries, left_out = best_rows(data.models)
    labels = [entry_label(entry) for entry in entries]
    heads = [_head(tag, int(chosen.sum())) for tag, chosen in columns.items()]
    told = len(heads) <= MAX_WITH_INTERVALS
    least = 1.05 if told else 0.75
    widths = [max(least, max(map(len, head.split("\n"))) * LETTER_WIDTH + 0.15) for head in heads]
    figure = row_figure(labels, [max(widths) * len(heads)])
    axes = figure.subplots()
    prepare_rows(axes, labels)
    part_controls(axes, entries)
    values, counts = _accuracies(entries, marks, columns)
    texts = [
        [_cell(value, int(count), told) for value, count in zip(*line, strict=True)]
        for line in zip(values, counts, strict=True)
    ]
    draw_cells(axes, values, texts, Scale())
    name_columns(axes, heads, upright=False)
    caption = [
        *row_caption(data.models, entries, left_out),
        "Right answers in % of the questions with that tag; a question may have several, or none. "
        "Where the documents have no answer, right is to say so. First repeat.",
        f"In brackets: {CONFIDENCE:.0%} intervals (Wilson)."
        if told
        else f"More than {MAX_WITH_INTERVALS} columns have no room for intervals.",
        f"(!): fewer than {SMALL} questions, so the share says little.",
        *([f"Not shown: {len(tags) - MAX_TAGS} rarer tags."] if len(tags) > MAX_TAGS else []),
    ]
    frame(figure, TITLE, caption)
    return figure


def _tags(data: PlotData) -> dict[str, Numbers]:
    """By tag which questions have it, (questions,); the most frequent first."""
    found: dict[str, Numbers] = {}
    for place, question in enumerate(data.questions):
        for tag in question.tags:
            found.setdefault(tag, np.zeros(len(data.questions), bool))[place] = True
    return dict(sorted(found.items(), key=lambda item: (-int(item[1].sum()), item[0])))


def _head(tag: str, count: int) -> str:
    return f"{short(tag, 18)}\nn = {count}{' (!)' if count < SMALL else ''}"


def _accuracies(
    entries: Sequence[Entry], marks: Mapping[str, Numbers], columns: Mapping[str, Numbers]
) -> tuple[Numbers, Numbers]:
    """(systems, columns) twice: shares, NaN where a system has no row with the tag; rows."""
    values = np.full((len(entries), len(columns)), np.nan)
    counts = np.zeros(values.shape, dtype=int)
    for row, entry in enumerate(entries):
        for column, chosen in enumerate(columns.values()):
            found = marks[entry.name][chosen]
            found = found[~np.isnan(found)]
            if found.size:
                values[row, column], counts[row, column] = found.mean(), found.size
    return values, counts


def _cell(value: float, count: int, told: bool) -> str:
    if np.isnan(value):
        return "n/a"
    ends = proportion_confint(float(value) * count, count, alpha=1 - CONFIDENCE, method="wilson")
    low, high = (f"{100 * end:.0f}" for end in ends)
    return f"{100 * value:.0f} ({low}-{high})" if told else f"{100 * value:.0f}"


PLOT = Plot("accuracy_by_type", TITLE, draw)
