"""How well each retriever finds: metrics of its rankings, by chunk and by document apart.

Each mean has its score interval, as the scores of models have it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.intervals.means import METHOD, Ends, mean_ends
from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows, write_json
from modellab.core.records import Context, Metric, Question
from modellab.retrieval.contexts import Ranking
from modellab.tasks.retrieval.ranking_metrics import (
    METRICS,
    Ranked,
    by_chunk,
    by_document,
    judged,
    marks,
    means,
)

logger = logging.getLogger(__name__)

CHUNK, DOCUMENT = "chunk", "document"
LEVELS = (CHUNK, DOCUMENT)
COLUMNS = (
    *("retriever", "level", "metric", "value", "low", "high", "confidence", "method"),
    *("n_scored", "n_failed", "n_unjudged"),
)
CONSISTENCY = "retrieval_consistency"

Cells = dict[str, object]


@dataclass(frozen=True)
class Level:
    """One retriever's metrics at one level; `n_unjudged` questions have no relevant id."""

    by_question: Mapping[str, Mapping[str, float | None]]
    metrics: Mapping[str, Metric]
    n_unjudged: int


def write_retrieval(
    questions: Path,
    rankings: Mapping[str, Path],
    contexts: Mapping[str, Path],
    confidence: float,
    folder: Path,
    table: Path,
) -> None:
    """Write `{retriever}.csv` and `.json` into `folder`, and all retrievers' rows to `table`.

    `rankings` and `contexts` are files by retriever.
    """
    asked = read_rows(questions, Question)
    rows: list[Cells] = []
    with atomic_folder(folder) as part:
        for name, path in rankings.items():
            found = read_rows(path, Ranking)
            levels = retrieval_levels(asked, found)
            same = retrieval_consistency(found, read_rows(contexts[name], Context))
            write_frame(part / f"{name}.csv", frame_of(_question_rows(asked, levels), _columns()))
            write_json(part / f"{name}.json", _summary(name, len(asked), levels, same))
            rows += _table_rows(name, levels, same, confidence)
            _warn_of_unknown(name, levels)
    write_frame(table, frame_of(rows, COLUMNS))


def retrieval_levels(
    questions: Sequence[Question], rankings: Sequence[Ranking]
) -> dict[str, Level]:
    """The metrics at each level. Raises InputError where a question has no ranking."""
    found = {ranking.question_id: ranking for ranking in rankings}
    missing = [question.id for question in questions if question.id not in found]
    if missing:
        raise InputError(f"rankings lack question {missing[0]!r}; make them again")
    pairs = [(question, found[question.id]) for question in questions]
    return {
        CHUNK: _level([by_chunk(q, ranking.chunks, ranking.complete) for q, ranking in pairs]),
        DOCUMENT: _level(
            [by_document(q, ranking.documents, ranking.complete) for q, ranking in pairs]
        ),
    }


def retrieval_consistency(rankings: Sequence[Ranking], contexts: Sequence[Context]) -> Metric:
    """The share of questions for which searching twice found the same chunks in the same order.

    The contexts are the first search, the rankings a second and deeper one by another process.
    """
    again = {ranking.question_id: ranking.chunks for ranking in rankings}
    same = [_repeated(context, again[context.question_id]) for context in contexts]
    return Metric(sum(same) / len(same), len(same)) if same else Metric(None, 0)


def _repeated(context: Context, chunks: Sequence[str]) -> bool:
    first = tuple(passage.chunk_id for passage in context.passages)
    return first == tuple(chunks[: len(first)])


def _level(rankings: Sequence[Ranked]) -> Level:
    by_question = marks(rankings)
    unjudged = len(rankings) - len(judged(rankings))
    return Level(by_question, means(by_question.values()), unjudged)


def _columns() -> list[str]:
    return ["question_id", *(f"{level}_{name}" for level in LEVELS for name in METRICS)]


def _question_rows(
    questions: Sequence[Question], levels: Mapping[str, Level]
) -> Iterator[dict[str, object]]:
    """A row per question; the cells of a level that has no relevant id for it are empty."""
    for question in questions:
        yield {
            "question_id": question.id,
            **{
                f"{level}_{name}": value
                for level, found in levels.items()
                for name, value in found.by_question.get(question.id, {}).items()
            },
        }


def _summary(
    name: str, num_questions: int, levels: Mapping[str, Level], same: Metric
) -> dict[str, object]:
    return {
        "retriever": name,
        "num_questions": num_questions,
        "levels": {
            level: {
                "n_unjudged": found.n_unjudged,
                "metrics": {metric: asdict(value) for metric, value in found.metrics.items()},
            }
            for level, found in levels.items()
        },
        CONSISTENCY: asdict(same),
    }


def _table_rows(
    name: str, levels: Mapping[str, Level], same: Metric, confidence: float
) -> Iterator[Cells]:
    for level, found in levels.items():
        ends = mean_intervals(found, confidence)
        for metric, value in found.metrics.items():
            counts = {**asdict(value), "n_unjudged": found.n_unjudged}
            sure = _ends(ends[metric], confidence) if metric in ends else {}
            yield {"retriever": name, "level": level, "metric": metric, **counts, **sure}
    whole = {**asdict(same), "n_unjudged": 0}
    yield {"retriever": name, "level": CHUNK, "metric": CONSISTENCY, **whole}


def mean_intervals(level: Level, confidence: float) -> dict[str, Ends]:
    """By metric that has a value: the interval of its mean over the judged questions."""
    found: dict[str, Ends] = {}
    for name, metric in level.metrics.items():
        marked = [row[name] for row in level.by_question.values()]
        known = [mark for mark in marked if mark is not None]
        ends = mean_ends(known, [1] * len(known), (0.0, 1.0), confidence)
        if metric.value is not None and ends is not None:
            found[name] = ends
    return found


def _ends(found: Ends, confidence: float) -> Cells:
    return {"low": found.low, "high": found.high, "method": METHOD, "confidence": confidence}


def _warn_of_unknown(name: str, levels: Mapping[str, Level]) -> None:
    for level, found in levels.items():
        unknown = [metric for metric, value in found.metrics.items() if value.n_failed]
        if unknown:
            logger.warning(
                "%s: no %s at %s level: rankings are cut off before that depth",
                name,
                ", ".join(unknown),
                level,
            )
