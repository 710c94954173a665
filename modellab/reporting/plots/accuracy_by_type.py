"""The share of right answers by type of question, as the questions' tags say."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from modellab.reporting.plots.cells import Shades, draw_cells, name_cells
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.rows import best_rows, row_chart
from modellab.reporting.plots.style import LETTER_WIDTH
from modellab.reporting.plots.words import about, short, system_labels

#: with fewer questions than this a share says little
SMALL = 10
#: tags that have a column
MAX_TAGS = 20
#: with more columns there is no room for intervals
MAX_WITH_INTERVALS = 10
CONFIDENCE = 0.95


def draw(data: PlotData) -> Drawn:
    """A row per system, a column per tag and one for all questions."""
    tags = data.table("questions").explode("tags").dropna(subset=["tags"])
    if tags.empty:
        raise NothingToShow("No question has a tag.")
    right = data.right()
    if right.empty:
        raise NothingToShow("The answers of this task are not right or wrong.")
    counts = tags.groupby("tags").size().reset_index(name="n")
    counts = counts.sort_values(["n", "tags"], ascending=[False, True]).head(MAX_TAGS)
    columns = {tag: tags[tags["tags"] == tag]["question_id"] for tag in counts["tags"]}
    columns["all"] = data.table("questions")["question_id"]
    systems, left_out = best_rows(data)
    labels = system_labels(systems)
    marks = {tag: right.reindex(chosen)[systems["system"]] for tag, chosen in columns.items()}
    shares = pd.DataFrame({tag: chosen.mean() for tag, chosen in marks.items()})
    answers = pd.DataFrame({tag: chosen.count() for tag, chosen in marks.items()})
    wide = len(columns) <= MAX_WITH_INTERVALS
    texts = pd.DataFrame(
        {
            tag: [_cell(v, n, wide) for v, n in zip(shares[tag], answers[tag], strict=True)]
            for tag in columns
        }
    )
    heads = [_head(tag, len(chosen)) for tag, chosen in columns.items()]
    width = max(max(map(len, head.split("\n"))) * LETTER_WIDTH + 0.15 for head in heads)
    figure, [axes] = row_chart(labels, [max(width, 1.05 if wide else 0.75) * len(heads)])
    draw_cells(axes, shares, texts, Shades())
    name_cells(axes, labels, heads)
    axes.set_ylim(len(systems), 0)
    more = tags["tags"].nunique() - MAX_TAGS
    caption = [
        *about(data, systems),
        "Right answers in % of the questions with that tag; a question may have several, or none. "
        "Where the documents have no answer, right is to say so. First repeat.",
        f"In brackets: {CONFIDENCE:.0%} intervals (Wilson)."
        if wide
        else f"More than {MAX_WITH_INTERVALS} columns have no room for intervals.",
        f"(!): fewer than {SMALL} questions, so the share says little. Grey: no answer.",
        *[f"Not shown: {more} rarer tags."] * (more > 0),
        *left_out,
    ]
    return Drawn(figure, caption)


def _head(tag: str, count: int) -> str:
    return f"{short(tag, 18)}\nn = {count}{' (!)' if count < SMALL else ''}"


def _cell(share: float, count: int, wide: bool) -> str:
    if count == 0:
        return "n/a"
    if not wide:
        return f"{100 * share:.0f}"
    ends = proportion_confint(share * count, count, alpha=1 - CONFIDENCE, method="wilson")
    low, high = (f"{100 * end:.0f}" for end in ends)
    return f"{100 * share:.0f} ({low}-{high})"


PLOT = Plot("accuracy_by_type", "Accuracy by type of question", draw)
