"""How an embedder's vectors lie: close together or far apart, in few directions or in many.

Nothing here needs a judgement. Vectors of length 1 are compared by cosine distance (1 - cosine),
from 0 to 2; spread is the Euclidean distance from their mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modellab.core.records import Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Vectors

    Floats = NDArray[np.float64]

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
NEIGHBOURS = 5
#: of more texts so many are drawn: all pairs of them are looked at
MOST_TEXTS = 10_000
_BLOCK = 512
_SHARE_OF_VARIANCE = 0.95
_LEAST_DISTANCE = 1e-6  # added before dividing, as texts may be equal
_NO_VARIANCE = 1e-12  # what rounding leaves of equal vectors
_DIGITS = 10  # beyond them, numbers depend on how many threads multiplied the matrices


def space_metrics(vectors: Vectors, seed: int, most: int = MOST_TEXTS) -> dict[str, Metric]:
    """The metrics of vectors (texts, dimensions), each from 0; the same in any order of the rows.

    `n_failed` counts texts without a vector (rows of zeros), which are left out. Of more than
    `most` texts that many are drawn with `seed`, and `n_scored` says so. Fewer than two texts
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
    import numpy as np

    doubles = vectors.astype(np.float64)
    lengths = np.linalg.norm(doubles, axis=1, keepdims=True)
    known = lengths[:, 0] > 0
    units: Floats = doubles[known] / lengths[known]
    return units


def _drawn(units: Floats, seed: int, most: int) -> Floats:
    import numpy as np

    if len(units) <= most:
        return units
    rows = np.random.default_rng(seed).choice(len(units), most, replace=False)
    drawn: Floats = units[np.sort(rows)]
    return drawn


@dataclass
class _Sums:
    """What is gathered over blocks of pairs; each pair is met twice."""

    pairs: float = 0.0
    squares: float = 0.0
    least: float = 2.0
    most: float = 0.0


def _neighbours_and_pairs(units: Floats) -> dict[str, float]:
    import numpy as np

    sums, nearest = _Sums(), []
    for distances in _blocks(units):
        inner = np.where(np.isinf(distances), 0.0, distances)
        sums.pairs += float(inner.sum())
        sums.squares += float((inner**2).sum())
        sums.least = min(sums.least, float(distances.min()))
        sums.most = max(sums.most, float(inner.max()))
        nearest.append(_smallest(distances, min(NEIGHBOURS, len(units) - 1)))
    near = np.concatenate(nearest)
    count = len(units) * (len(units) - 1)
    mean = sums.pairs / count
    return {
        "avg_nn_distance": float(near.mean()),
        "std_nn_distance": float(near.std()),
        "density_score": 1 / (float(near.mean()) + _LEAST_DISTANCE),
        "avg_pairwise_distance": mean,
        "std_pairwise_distance": max(sums.squares / count - mean**2, 0.0) ** 0.5,
        "min_pairwise_distance": sums.least,
        "max_pairwise_distance": sums.most,
    }


def _blocks(units: Floats) -> Iterator[Floats]:
    """Distances of some rows to all rows at a time; infinite to themselves."""
    import numpy as np

    for start in range(0, len(units), _BLOCK):
        rows = units[start : start + _BLOCK]
        distances = np.clip(1 - rows @ units.T, 0, 2)
        distances[np.arange(len(rows)), np.arange(start, start + len(rows))] = np.inf
        yield distances


def _smallest(distances: Floats, count: int) -> Floats:
    import numpy as np

    # a copy: a view would keep the whole block in memory
    smallest: Floats = np.partition(distances, count - 1, axis=1)[:, :count].copy()
    return smallest


def _spread(units: Floats) -> dict[str, float]:
    import numpy as np

    spread: Any = np.linalg.norm(units - units.mean(axis=0), axis=1)
    return {
        "avg_spread": float(spread.mean()),
        "max_spread": float(spread.max()),
        "spread_std": float(spread.std()),
    }


def _dimensions(units: Floats) -> dict[str, float]:
    """How many principal directions hold 95 % of the variance; 0 where there is none."""
    import numpy as np

    variances = np.linalg.eigvalsh(np.cov(units, rowvar=False, ddof=0).reshape(units.shape[1], -1))
    held = np.cumsum(np.clip(variances[::-1], 0, None))
    if held[-1] <= _NO_VARIANCE:
        return {"effective_dimensionality": 0.0}
    enough = np.searchsorted(held, _SHARE_OF_VARIANCE * held[-1] * (1 - _NO_VARIANCE))
    return {"effective_dimensionality": float(enough + 1)}
