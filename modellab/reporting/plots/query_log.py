"""Pictures of what users ask: chunks by use, topics by size, words, lengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.query_log.analysis import CHUNK_USES, DOMAIN, TOPICS, UTILISATION
from modellab.reporting.plots import QUERY_LOG_PICTURES
from modellab.reporting.plots.drawing import write_figure
from modellab.reporting.plots.empty import empty_figure
from modellab.reporting.plots.labels import short
from modellab.reporting.plots.rows import prepare_rows, row_figure, write_column
from modellab.reporting.plots.style import distinct, frame, new_figure, shared_style

_PANEL = 4.5
_MOST_TERMS = 30
_MOST_SCORES = 20


def draw_query_log(folder: Path, pictures: Mapping[str, Sequence[Path]]) -> None:
    """Draw the named pictures of the analysis in `folder`, each into its files."""
    for name, files in pictures.items():
        with shared_style():
            write_figure(_DRAWN[name](folder), files)


def chunk_use(folder: Path) -> Figure:
    """How the uses fall on the chunks: the share of uses by the share of most used chunks."""
    figures = read_json(folder / UTILISATION)
    uses = [int(row["uses"]) for row in read_csv(folder / CHUNK_USES).rows]
    total = sum(uses)
    title = "Use of the chunks"
    if not total:
        return empty_figure(title, "No question finds a chunk, so there is nothing to show.")
    sums = [0.0]
    for count in uses:
        sums.append(sums[-1] + count / total)
    figure = new_figure(6.0, 4.6)
    axes = figure.subplots()
    colour, even = distinct(2)
    axes.plot([row / len(uses) for row in range(len(sums))], sums, color=colour)
    axes.plot([0, 1], [0, 1], color=even, linestyle="--")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="share of the chunks, most used first")
    axes.set_ylabel("share of all uses")
    axes.text(0.64, 0.52, "if all were used alike", color=even)
    caption = [
        f"{figures['questions']} questions, {figures['top_k']} chunks each: "
        f"{figures['used_chunks']} of {figures['total_chunks']} chunks used "
        f"({figures['rate']:.1%}), Gini {figures['gini']:.2f}; {figures['nothing_found']} "
        "questions find nothing."
    ]
    frame(figure, title, caption)
    return figure


def topics(folder: Path) -> Figure:
    """A bar per topic, with the words that describe it."""
    told = read_json(folder / TOPICS)
    title = "Topics of the questions"
    if not told["topics"]:
        return empty_figure(title, "No question has a vector, so there are no topics.")
    labels = [short(f"{t['topic']}: {', '.join(t['terms'][:5])}", 60) for t in told["topics"]]
    caption = [f"{told['questions']} questions in {len(labels)} topics."]
    if told["without_vector"]:
        caption.append(f"Not shown: {told['without_vector']} questions without a vector.")
    return _bars(title, labels, [t["questions"] for t in told["topics"]], "questions", caption)


def terms(folder: Path) -> Figure:
    """The most frequent words of the questions, answered or not."""
    told = read_json(folder / DOMAIN)
    found = list(told["terms"].items())[:_MOST_TERMS]
    title = "Frequent words of the questions"
    if not found:
        return empty_figure(title, "No question has a word of three letters.")
    caption = [f"In how many of {told['questions']} questions a word stands."]
    return _bars(title, [name for name, _ in found], [n for _, n in found], "questions", caption)


def scores(folder: Path) -> Figure:
    """How users scored the answers that they got."""
    told = read_json(folder / DOMAIN)
    found = list(told["score_distribution"].items())
    title = "Scores that users gave"
    if not found:
        return empty_figure(title, "The table has no scores (`score_column`).")
    caption = [
        f"{told['scored']} of {told['questions']} questions have a score; mean "
        f"{told['mean_score']:.2f}."
    ]
    if len(found) > _MOST_SCORES:
        found = sorted(found, key=lambda one: -one[1])[:_MOST_SCORES]
        caption.append(f"Only the {_MOST_SCORES} most frequent scores are shown.")
    return _bars(title, [name for name, _ in found], [n for _, n in found], "questions", caption)


def _bars(
    title: str, labels: Sequence[str], counts: Sequence[int], what: str, caption: Sequence[str]
) -> Figure:
    figure = row_figure(labels, [_PANEL])
    axes = figure.subplots()
    prepare_rows(axes, labels, high=1.02 * max(counts))
    axes.barh(range(len(counts)), counts, height=0.72, color=distinct(1)[0])
    write_column(axes, range(len(counts)), [str(count) for count in counts])
    axes.set_xlabel(what)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    frame(figure, title, caption)
    return figure


#: the pictures of an analysis, by file name
#: one function per name of `QUERY_LOG_PICTURES`
_DRAWN: dict[str, Callable[[Path], Figure]] = dict(
    zip(QUERY_LOG_PICTURES, (chunk_use, topics, terms, scores), strict=True)
)
