"""How the questions of a set follow each other: what a cache or a conversation would see."""

from __future__ import annotations

from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING

from modellab.core.records import Metric

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

METRICS = ("cache_hit_rate", "context_preservation")
#: two questions this near would be given the same stored answer
SAME_QUESTION = 0.85


def question_set_metrics(vectors: Vectors) -> dict[str, Metric]:
    """The metrics of questions in their order: vectors (questions, dimensions) of length 1 or 0.

    `n_failed` counts questions without a vector, which are left out. Fewer than two have no
    metrics.
    """
    import numpy as np

    known = vectors[vectors.any(axis=1)].astype(np.float64)
    n_failed = len(vectors) - len(known)
    if len(known) < 2:
        return {name: Metric(None, 0, n_failed) for name in METRICS}
    nearest = [float((known[:row] @ known[row]).max()) for row in range(1, len(known))]
    follow = [float(one @ other) for one, other in pairwise(known)]
    pairs = len(known) - 1
    hits = sum(cosine > SAME_QUESTION for cosine in nearest)
    return {
        # the first question finds an empty cache
        "cache_hit_rate": Metric(hits / len(known), len(known), n_failed),
        "context_preservation": Metric(round(fsum(follow) / pairs, 10), pairs, n_failed),
    }
