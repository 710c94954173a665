"""Metrics of an embedder's vectors: how far apart they are, and in how many directions.

No judgements are needed. Vectors of length 1 are compared by cosine distance (1 - cosine), from 0
to 2; spread is the Euclidean distance from their mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from modellab.core.io.frames import frame_of, read_frame, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Metric, Question
from modellab.models.embedders.protocol import Embedder, EmbedderOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Vectors

    Floats = NDArray[np.float64]

COLUMNS = ("embedder", "texts", "metric", "value", "n_scored", "n_failed", "n_texts")
METRICS = (
    "avg_nn_distance",
    "std_nn_distance",
    "density_score",
    "avg_spread",
    "max_spread",
    "spread_std",
    "effective_dimensionality",
    "avg_pairwise_distance",
    "std_pairwise_distance",
    "min_pairwise_distance",
    "max_pairwise_distance",
)
#: metrics of questions in their order: what a cache or a conversation would see
ORDER_METRICS = ("cache_hit_rate", "context_preservation")
NEIGHBOURS = 5
#: of more texts this number is sampled, since all pairs are compared
MOST_TEXTS = 10_000
#: from this cosine on two questions would be given the same cached answer
SAME_QUESTION = 0.85
_BLOCK = 512
_SHARE_OF_VARIANCE = 0.95
_LEAST_DISTANCE = 1e-6  # added before dividing, as texts may be equal
_NO_VARIANCE = 1e-12  # the rounding errors of equal vectors
_DIGITS = 10  # beyond them, numbers depend on the number of threads that multiplied the matrices


def write_embedding_space(
    embedder: str,
    options: EmbedderOptions,
    questions: Path,
    chunks: Path,
    seed: int,
    journals: Path | None,
    out: Path,
) -> None:
    """Write one embedder's rows; `n_texts` counts all texts, of which some may be sampled."""
    asked = [question.text for question in read_rows(questions, Question)]
    passages = [chunk.text for chunk in read_rows(chunks, Chunk)]
    with TemporaryDirectory() as folder:
        options.fit(passages, Path(folder), seed)
        loaded: Embedder = options.load(Path(folder), journals)
        queries, found = loaded.embed_queries(asked), loaded.embed_passages(passages)
    metrics: Mapping[str, Mapping[str, Metric]] = {
        "questions": {**space_metrics(queries, seed), **order_metrics(queries)},
        "chunks": space_metrics(found, seed),
    }
    counts = {"questions": len(asked), "chunks": len(passages)}
    rows = [
        {"embedder": embedder, "texts": texts, "metric": metric, **asdict(value)}
        | {"n_texts": counts[texts]}
        for texts, own in metrics.items()
        for metric, value in own.items()
    ]
    write_frame(out, frame_of(rows, COLUMNS))


def concatenate(parts: Sequence[Path], out: Path) -> None:
    """Join the embedders' tables; a benchmark without embedders has a table without rows."""
    frames = [read_frame(part, required=COLUMNS) for part in parts]
    write_frame(out, pd.concat(frames) if frames else frame_of([], COLUMNS))


def space_metrics(vectors: Vectors, seed: int, most: int = MOST_TEXTS) -> dict[str, Metric]:
    """The metrics of vectors (texts, dimensions); the order of the rows does not matter.

    `n_failed` counts texts without a vector (rows of zeros), which are left out. Of more than
    `most` texts that number is sampled with `seed`, and `n_scored` shows it. Fewer than two texts
    have no metrics.
    """
    units = _units(vectors)
    n_failed = len(vectors) - len(units)
    if len(units) < 2:
        return {name: Metric(None, 0, n_failed) for name in METRICS}
    drawn = _drawn(units, seed, most)
    values = {**_neighbours_and_pairs(drawn), **_spread(drawn), **_dimensions(drawn)}
    return {name: Metric(round(values[name], _DIGITS), len(drawn), n_failed) for name in METRICS}


def _units(vectors: Vectors) -> Floats:
    """The rows that are not zero, at length 1 in double precision."""
    doubles = vectors.astype(np.float64)
    lengths = np.linalg.norm(doubles, axis=1, keepdims=True)
    known = lengths[:, 0] > 0
    units: Floats = doubles[known] / lengths[known]
    return units


def _drawn(units: Floats, seed: int, most: int) -> Floats:
    if len(units) <= most:
        return units
    rows = np.random.default_rng(seed).choice(len(units), most, replace=False)
    drawn: Floats = units[np.sort(rows)]
    return drawn


def _neighbours_and_pairs(units: Floats) -> dict[str, float]:
    total = squares = most = 0.0
    least, nearest = 2.0, []
    # each pair is met twice
    for distances in _blocks(units):
        inner = np.where(np.isinf(distances), 0.0, distances)
        total += float(inner.sum())
        squares += float((inner**2).sum())
        least, most = min(least, float(distances.min())), max(most, float(inner.max()))
        count = min(NEIGHBOURS, len(units) - 1)
        # a copy: a view would keep the whole block in memory
        nearest.append(np.partition(distances, count - 1, axis=1)[:, :count].copy())
    near = np.concatenate(nearest)
    pairs = len(units) * (len(units) - 1)
    mean = total / pairs
    return {
        "avg_nn_distance": float(near.mean()),
        "std_nn_distance": float(near.std()),
        "density_score": 1 / (float(near.mean()) + _LEAST_DISTANCE),
        "avg_pairwise_distance": mean,
        "std_pairwise_distance": max(squares / pairs - mean**2, 0.0) ** 0.5,
        "min_pairwise_distance": least,
        "max_pairwise_distance": most,
    }


def _blocks(units: Floats) -> Iterator[Floats]:
    """Distances of some rows to all rows at a time; infinite to themselves."""
    for start in range(0, len(units), _BLOCK):
        rows = units[start : start + _BLOCK]
        distances = np.clip(1 - rows @ units.T, 0, 2)
        distances[np.arange(len(rows)), np.arange(start, start + len(rows))] = np.inf
        yield distances


def _spread(units: Floats) -> dict[str, float]:
    spread: Any = np.linalg.norm(units - units.mean(axis=0), axis=1)
    return {
        "avg_spread": float(spread.mean()),
        "max_spread": float(spread.max()),
        "spread_std": float(spread.std()),
    }


def _dimensions(units: Floats) -> dict[str, float]:
    """The number of principal directions with 95 % of the variance; 0 where there is none."""
    variances = np.linalg.eigvalsh(np.cov(units, rowvar=False, ddof=0).reshape(units.shape[1], -1))
    held = np.cumsum(np.clip(variances[::-1], 0, None))
    if held[-1] <= _NO_VARIANCE:
        return {"effective_dimensionality": 0.0}
    enough = np.searchsorted(held, _SHARE_OF_VARIANCE * held[-1] * (1 - _NO_VARIANCE))
    return {"effective_dimensionality": float(enough + 1)}


def order_metrics(vectors: Vectors) -> dict[str, Metric]:
    """The metrics of questions in their order: vectors (questions, dimensions) of length 1 or 0.

    `n_failed` counts questions without a vector, which are left out. Fewer than two have no
    metrics.
    """
    known = vectors[vectors.any(axis=1)].astype(np.float64)
    n_failed, pairs = len(vectors) - len(known), len(known) - 1
    if pairs < 1:
        return {name: Metric(None, 0, n_failed) for name in ORDER_METRICS}
    nearest = np.array([(known[:row] @ known[row]).max() for row in range(1, len(known))])
    follow = (known[:-1] * known[1:]).sum(axis=1).mean()
    return {
        # the first question finds an empty cache
        "cache_hit_rate": Metric(
            float((nearest > SAME_QUESTION).sum()) / len(known), len(known), n_failed
        ),
        "context_preservation": Metric(round(float(follow), _DIGITS), pairs, n_failed),
    }
