"""Metrics of each retriever's rankings, by chunk and by document.

Each mean has its score interval, as the scores of models have.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

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
COLUMNS = (
    *("retriever", "level", "metric", "value", "low", "high", "confidence", "method"),
    *("n_scored", "n_failed", "n_unjudged"),
)
CONSISTENCY = "retrieval_consistency"


@dataclass(frozen=True)
class LevelMetrics:
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
    ids = [question.id for question in asked]
    rows: list[dict[str, object]] = []
    with atomic_folder(folder) as part:
        for name, path in rankings.items():
            found = read_rows(path, Ranking)
            levels = retrieval_levels(asked, found)
            same = retrieval_consistency(found, read_rows(contexts[name], Context))
            write_frame(part / f"{name}.csv", _question_table(ids, levels))
            write_json(part / f"{name}.json", _summary(name, len(asked), levels, same))
            for level, one in levels.items():
                about = {"retriever": name, "level": level, "n_unjudged": one.n_unjudged}
                rows += [about | cells for cells in _metric_rows(one, confidence)]
                _warn_of_unknown(name, level, one)
            whole = {"retriever": name, "level": CHUNK, "metric": CONSISTENCY, "n_unjudged": 0}
            rows.append(whole | asdict(same))
    write_frame(table, frame_of(rows, COLUMNS))


def retrieval_levels(
    questions: Sequence[Question], rankings: Sequence[Ranking]
) -> dict[str, LevelMetrics]:
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


def _level(rankings: Sequence[Ranked]) -> LevelMetrics:
    by_question = marks(rankings)
    unjudged = len(rankings) - len(judged(rankings))
    return LevelMetrics(by_question, means(by_question.values()), unjudged)


def retrieval_consistency(rankings: Sequence[Ranking], contexts: Sequence[Context]) -> Metric:
    """The share of questions for which searching twice found the same chunks in the same order.

    The contexts are the first search, the rankings a second and deeper one.
    """
    again = {ranking.question_id: tuple(ranking.chunks) for ranking in rankings}
    same = 0
    for context in contexts:
        first = tuple(passage.chunk_id for passage in context.passages)
        same += first == again[context.question_id][: len(first)]
    return Metric(same / len(contexts), len(contexts)) if contexts else Metric(None, 0)


def mean_intervals(level: LevelMetrics, confidence: float) -> dict[str, Ends]:
    """By metric that has a value: the interval of its mean over the judged questions."""
    found: dict[str, Ends] = {}
    for name, metric in level.metrics.items():
        known = [mark for row in level.by_question.values() if (mark := row[name]) is not None]
        ends = mean_ends(known, [1] * len(known), (0.0, 1.0), confidence)
        if metric.value is not None and ends is not None:
            found[name] = ends
    return found


def _question_table(ids: Sequence[str], levels: Mapping[str, LevelMetrics]) -> pd.DataFrame:
    """A row per question; the cells of a level that has no relevant id for it are empty."""
    parts = [
        pd.DataFrame.from_dict(dict(level.by_question), orient="index", columns=list(METRICS))
        .reindex(list(ids))
        .add_prefix(f"{name}_")
        for name, level in levels.items()
    ]
    table: pd.DataFrame = pd.concat(parts, axis=1).rename_axis("question_id").reset_index()
    return table


def _summary(
    name: str, num_questions: int, levels: Mapping[str, LevelMetrics], same: Metric
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


def _metric_rows(level: LevelMetrics, confidence: float) -> list[dict[str, object]]:
    ends = mean_intervals(level, confidence)
    method = {"method": METHOD, "confidence": confidence}
    return [
        {"metric": name, **asdict(value)}
        | ({**ends[name]._asdict(), **method} if name in ends else {})
        for name, value in level.metrics.items()
    ]


def _warn_of_unknown(name: str, level: str, found: LevelMetrics) -> None:
    unknown = [metric for metric, value in found.metrics.items() if value.n_failed]
    if unknown:
        logger.warning(
            "%s: no %s at %s level: rankings are cut off before that depth",
            name,
            ", ".join(unknown),
            level,
        )
