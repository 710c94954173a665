"""Pictures of what users ask: chunks by use, topics by size, words, scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import seaborn as sns
from matplotlib.ticker import MaxNLocator, PercentFormatter

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.evaluation.query_log.analysis import CHUNK_USES, DOMAIN, TOPICS, UTILISATION
from modellab.reporting.plots import QUERY_LOG_PICTURES
from modellab.reporting.plots.drawing import finished, write_figure
from modellab.reporting.plots.protocol import Drawn
from modellab.reporting.plots.rows import row_chart, write_column
from modellab.reporting.plots.style import APART, MUTED, new_figure, shared_style
from modellab.reporting.plots.words import short

_PANEL = 4.5
_MOST_TERMS, _MOST_SCORES = 30, 20


def draw_query_log(folder: Path, pictures: Mapping[str, Sequence[Path]]) -> None:
    """Draw the named pictures of the analysis in `folder`, each into its files."""
    for name, files in pictures.items():
        title, draw = _DRAWN[name]
        with shared_style():
            write_figure(finished(title, draw(folder)), files)


def chunk_use(folder: Path) -> Drawn:
    """How the uses fall on the chunks: the share of uses by the share of most used chunks."""
    figures = read_json(folder / UTILISATION)
    uses = [int(row["uses"]) for row in read_csv(folder / CHUNK_USES).rows]
    if not sum(uses):
        return _nothing("No question finds a chunk.")
    sums = [sum(uses[:place]) / sum(uses) for place in range(len(uses) + 1)]
    figure = new_figure(6.0, 4.2)
    axes = figure.subplots()
    sns.lineplot(x=[row / len(uses) for row in range(len(sums))], y=sums, ax=axes, errorbar=None)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="Share of the chunks, most used first")
    axes.set_ylabel("Share of all uses")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    axes.text(0.62, 0.5, "if all were used alike", color=MUTED)
    line = (
        f"{figures['questions']} questions, {figures['top_k']} chunks each: "
        f"{figures['used_chunks']} of {figures['total_chunks']} chunks used "
        f"({figures['rate']:.1%}), Gini {figures['gini']:.2f}; {figures['nothing_found']} "
        "questions find nothing."
    )
    return Drawn(figure, [line])


def topics(folder: Path) -> Drawn:
    """A bar per topic, with the words that describe it."""
    found = read_json(folder / TOPICS)
    if not found["topics"]:
        return _nothing("No question has a vector, so there are no topics.")
    labels = [short(f"{t['topic']}: {', '.join(t['terms'][:5])}", 60) for t in found["topics"]]
    caption = [f"{found['questions']} questions in {len(labels)} topics."]
    if found["without_vector"]:
        caption.append(f"Not shown: {found['without_vector']} questions without a vector.")
    return _bars(labels, [topic["questions"] for topic in found["topics"]], caption)


def terms(folder: Path) -> Drawn:
    """The most frequent words of the questions, answered or not."""
    found = read_json(folder / DOMAIN)
    counts = dict(list(found["terms"].items())[:_MOST_TERMS])
    if not counts:
        return _nothing("No question has a word of three letters.")
    caption = [f"Number of the {found['questions']} questions that have the word."]
    return _bars(list(counts), list(counts.values()), caption)


def scores(folder: Path) -> Drawn:
    """How users scored the answers that they got."""
    found = read_json(folder / DOMAIN)
    counts = found["score_distribution"]
    if not counts:
        return _nothing("The table has no scores (`score_column`).")
    caption = [
        f"{found['scored']} of {found['questions']} questions have a score; mean "
        f"{found['mean_score']:.2f}."
    ]
    if len(counts) > _MOST_SCORES:
        counts = dict(sorted(counts.items(), key=lambda one: -one[1])[:_MOST_SCORES])
        caption.append(f"Only the {_MOST_SCORES} most frequent scores are shown.")
    return _bars(list(counts), list(counts.values()), caption)


def _bars(labels: Sequence[str], counts: Sequence[int], caption: Sequence[str]) -> Drawn:
    figure, [axes] = row_chart(labels, [_PANEL])
    axes.barh(range(len(counts)), counts, height=0.72, color=APART[0], linewidth=0)
    axes.set(xlim=(0, 1.02 * max(counts)), xlabel="Questions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    write_column(axes, range(len(counts)), [str(count) for count in counts])
    return Drawn(figure, caption)


def _nothing(reason: str) -> Drawn:
    figure = new_figure(8.0, 1.0)
    figure.subplots().set_axis_off()
    return Drawn(figure, [f"Nothing to show: {reason}"])


#: title and function by file name, in the order of `QUERY_LOG_PICTURES`
_DRAWN: Mapping[str, tuple[str, Callable[[Path], Drawn]]] = dict(
    zip(
        QUERY_LOG_PICTURES,
        (
            ("Use of the chunks", chunk_use),
            ("Topics of the questions", topics),
            ("Frequent words of the questions", terms),
            ("Scores that users gave", scores),
        ),
        strict=True,
    )
)
