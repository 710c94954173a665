"""Pictures of what users ask: use of the chunks, topics, frequent words, scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.ticker import MaxNLocator, PercentFormatter

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.query_log.analysis import CHUNK_USES, DOMAIN, TOPICS, UTILISATION
from modellab.reporting.plots import Drawn
from modellab.reporting.plots.drawing import empty_plot, finished, write_figure
from modellab.reporting.plots.rows import BAR_HEIGHT, row_chart, write_column
from modellab.reporting.plots.style import MUTED, PALETTE, new_figure, shared_style
from modellab.reporting.plots.words import short

_MOST_TERMS, _MOST_SCORES = 30, 20


def draw_query_log(folder: Path, pictures: Mapping[str, Sequence[Path]]) -> None:
    """Draw the named pictures of the analysis in `folder`, each into its files."""
    for name, files in pictures.items():
        title, draw = _PICTURES[name]
        with shared_style():
            write_figure(finished(title, draw(folder)), files)


def _chunk_use(folder: Path) -> Drawn:
    """The share of all uses by the share of chunks, most used first."""
    found = read_json(folder / UTILISATION)
    uses = [int(row["uses"]) for row in read_csv(folder / CHUNK_USES).rows]
    if not sum(uses):
        return empty_plot("No question finds a chunk.")
    sums = [sum(uses[:place]) / sum(uses) for place in range(len(uses) + 1)]
    figure = new_figure(6.0, 4.2)
    axes = figure.subplots()
    axes.plot([row / len(uses) for row in range(len(sums))], sums)
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
    if not found["topics"]:
        return empty_plot("No question has a vector, so there are no topics.")
    labels = [short(f"{t['topic']}: {', '.join(t['terms'][:5])}", 60) for t in found["topics"]]
    caption = [f"{found['questions']} questions in {len(labels)} topics."]
    if found["without_vector"]:
        caption.append(f"Not shown: {found['without_vector']} questions without a vector.")
    return _bars(labels, [topic["questions"] for topic in found["topics"]], caption)


def _terms(folder: Path) -> Drawn:
    found = read_json(folder / DOMAIN)
    counts = dict(list(found["terms"].items())[:_MOST_TERMS])
    if not counts:
        return empty_plot("No question has a word of three letters.")
    caption = [f"Number of the {found['questions']} questions that have the word."]
    return _bars(list(counts), list(counts.values()), caption)


def _scores(folder: Path) -> Drawn:
    found = read_json(folder / DOMAIN)
    counts = found["score_distribution"]
    if not counts:
        return empty_plot("The table has no scores (`score_column`).")
    scored = f"{found['scored']} of {found['questions']} questions have a score"
    caption = [f"{scored}; mean {found['mean_score']:.2f}."]
    if len(counts) > _MOST_SCORES:
        counts = dict(sorted(counts.items(), key=lambda one: -one[1])[:_MOST_SCORES])
        caption.append(f"Only the {_MOST_SCORES} most frequent scores are shown.")
    return _bars(list(counts), list(counts.values()), caption)


def _bars(labels: Sequence[str], counts: Sequence[int], caption: Sequence[str]) -> Drawn:
    figure, [axes] = row_chart(labels, [4.5])
    axes.barh(range(len(counts)), counts, height=BAR_HEIGHT, color=PALETTE[0], linewidth=0)
    axes.set(xlim=(0, 1.02 * max(counts)), xlabel="Questions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    write_column(axes, list(map(str, counts)))
    return Drawn(figure, caption)


#: title and function by the names in `QUERY_LOG_PICTURES`
_PICTURES: Mapping[str, tuple[str, Callable[[Path], Drawn]]] = {
    "chunk_use": ("Use of the chunks", _chunk_use),
    "topics": ("Topics of the questions", _topics),
    "terms": ("Frequent words of the questions", _terms),
    "scores": ("Scores that users gave", _scores),
}
