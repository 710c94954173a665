"""Pictures of what users ask: use of the chunks, topics, frequent words, scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.query_log.analysis import CHUNK_USES, DOMAIN, TOPICS, UTILISATION
from modellab.reporting.plots import Drawn, NothingToShow
from modellab.reporting.plots.drawing import by_plot, empty_plot, finished, write_figure
from modellab.reporting.plots.marks import BAR_HEIGHT, row_chart, write_column
from modellab.reporting.plots.style import MUTED, PALETTE, new_figure, shared_style
from modellab.reporting.plots.words import short

_MOST_TERMS, _MOST_SCORES = 30, 20


def draw_query_log(
    folder: Path, png: Sequence[Path], svg: Sequence[Path], pdf: Sequence[Path]
) -> None:
    """Draw the pictures of the analysis in `folder` that these files are named after."""
    for name, files in by_plot(png, svg, pdf).items():
        title, draw = _PICTURES[name]
        with shared_style():
            try:
                drawn = draw(folder)
            except NothingToShow as nothing:
                drawn = empty_plot(str(nothing))
            figure, _ = finished(title, drawn)
            write_figure(figure, files)


def _chunk_use(folder: Path) -> Drawn:
    """The share of all uses by the share of chunks, most used first."""
    found = read_json(folder / UTILISATION)
    uses = np.array([0, *(int(row["uses"]) for row in read_csv(folder / CHUNK_USES).rows)])
    if not uses.sum():
        raise NothingToShow("No question finds a chunk.")
    figure = new_figure(6.0, 4.2)
    axes = figure.subplots()
    axes.plot(np.linspace(0, 1, len(uses)), uses.cumsum() / uses.sum(), color=PALETTE[0])
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="Share of the chunks, most used first")
    axes.set_ylabel("Share of all uses")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    axes.text(0.62, 0.5, "if all were used equally", color=MUTED)
    line = (
        f"{found['questions']} questions, {found['top_k']} chunks each: "
        f"{found['used_chunks']} of {found['total_chunks']} chunks used "
        f"({found['rate']:.1%}), Gini {found['gini']:.2f}; {found['nothing_found']} "
        "questions find nothing."
    )
    return Drawn(figure, [line])


def _topics(folder: Path) -> Drawn:
    found = read_json(folder / TOPICS)
    topics, without = found["topics"], found["without_vector"]
    labels = [short(f"{t['topic']}: {', '.join(t['terms'][:5])}", 60) for t in topics]
    counts = dict(zip(labels, (topic["questions"] for topic in topics), strict=True))
    line = f"Not shown: {without} questions without a vector." if without else ""
    caption = [f"{found['questions']} questions in {len(labels)} topics.", line]
    return _bars(counts, caption, "No question has a vector, so there are no topics.")


def _terms(folder: Path) -> Drawn:
    found = read_json(folder / DOMAIN)
    counts = dict(list(found["terms"].items())[:_MOST_TERMS])
    caption = [f"Number of the {found['questions']} questions that have the word."]
    return _bars(counts, caption, "No question has a word of three letters.")


def _scores(folder: Path) -> Drawn:
    found = read_json(folder / DOMAIN)
    counts = found["score_distribution"]
    if not counts:
        raise NothingToShow("The table has no scores (`score_column`).")
    scored = f"{found['scored']} of {found['questions']} questions have a score"
    caption = [f"{scored}; mean {found['mean_score']:.2f}."]
    if len(counts) > _MOST_SCORES:
        counts = dict(sorted(counts.items(), key=lambda one: -one[1])[:_MOST_SCORES])
        caption.append(f"Only the {_MOST_SCORES} most frequent scores are shown.")
    return _bars(counts, caption)


def _bars(counts: Mapping[str, int], caption: Sequence[str], otherwise: str = "") -> Drawn:
    """Numbers of questions by label; `otherwise` is why there are none."""
    if not counts:
        raise NothingToShow(otherwise)
    figure, [axes] = row_chart(list(counts), [4.5])
    values = list(counts.values())
    axes.barh(range(len(counts)), values, height=BAR_HEIGHT, color=PALETTE[0], linewidth=0)
    axes.set(xlim=(0, 1.02 * max(values)), xlabel="Questions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    write_column(axes, map(str, values))
    return Drawn(figure, caption)


#: title and function by the names in `QUERY_LOG_PICTURES`
_PICTURES: Mapping[str, tuple[str, Callable[[Path], Drawn]]] = {
    "chunk_use": ("Use of the chunks", _chunk_use),
    "topics": ("Topics of the questions", _topics),
    "terms": ("Frequent words of the questions", _terms),
    "scores": ("Scores that users gave", _scores),
}
