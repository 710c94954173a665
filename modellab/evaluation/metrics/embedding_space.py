"""How an embedder's vectors lie."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_COSINE = "0 to 2"
_FEW = "empty for fewer than two texts; texts without a vector are left out (`n_failed`)"


def _metric(
    name: str, formula: str, in_range: str, better: Better = Better.NEITHER, more: str = ""
) -> MetricDescription:
    return MetricDescription(name, formula, in_range, better, f"{_FEW}{more}")


FAMILY = MetricFamily(
    name="embedding_space",
    title="Embedding space",
    applies_to=(
        "each entry of `embedders`, over the questions and over the chunks; of more than 10,000 "
        "texts that many are drawn with the seed (`n_scored` of `n_texts`). Cosine distance is "
        "1 - cosine"
    ),
    tables=("embedding_space.csv",),
    metrics=(
        _metric(
            "avg_nn_distance",
            "mean cosine distance of each text to its 5 nearest others",
            _COSINE,
            more="; fewer than 6 texts: all others",
        ),
        _metric("std_nn_distance", "standard deviation of these distances", "0 to 1"),
        _metric("density_score", "1 / (avg_nn_distance + 0.000001)", "0.5 to 1,000,000"),
        _metric("avg_spread", "mean Euclidean distance from the mean of all vectors", _COSINE),
        _metric("max_spread", "greatest such distance", _COSINE),
        _metric("spread_std", "standard deviation of such distances", "0 to 1"),
        _metric(
            "effective_dimensionality",
            "the least number of principal directions that hold 95 % of the variance",
            "0 to dimensions",
            more="; 0 where all vectors are equal",
        ),
        _metric("avg_pairwise_distance", "mean cosine distance of all pairs", _COSINE),
        _metric("std_pairwise_distance", "standard deviation of these distances", "0 to 1"),
        _metric("min_pairwise_distance", "least of these distances", _COSINE),
        _metric("max_pairwise_distance", "greatest of these distances", _COSINE),
        _metric(
            "cache_hit_rate",
            "share of questions with a cosine above 0.85 to an earlier question of the set: what "
            "a cache of answers, empty at first, would have found",
            "0 to 1",
            more="; of questions only",
        ),
        _metric(
            "context_preservation",
            "mean cosine of each question with the one before it; it is also called multi-turn "
            "consistency",
            "-1 to 1",
            more="; of questions only, in the order of their file",
        ),
    ),
)
