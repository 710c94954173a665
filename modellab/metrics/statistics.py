"""How sure the scores are."""

from __future__ import annotations

from modellab.metrics.description import Better, MetricDescription, MetricFamily

FAMILY = MetricFamily(
    name="statistics",
    title="How sure the scores are",
    applies_to="all systems of a dataset",
    tables=("leaderboard.csv", "statistics.csv", "comparisons.csv", "detectable.csv"),
    metrics=(
        MetricDescription(
            "overall_low",
            "lower end of the overall score's interval: a percentile over resamples of the "
            "questions",
            "as the overall score",
            Better.NEITHER,
            "none where resampling sees no spread, but for shares of 0 or 1 (Wilson's interval)",
            "Efron and Tibshirani, An Introduction to the Bootstrap (1993)",
        ),
        MetricDescription(
            "overall_high",
            "upper end of the overall score's interval",
            "as the overall score",
            Better.NEITHER,
            "as `overall_low`",
        ),
        MetricDescription(
            "correctness",
            "of the questions that only one of two systems gets right: wins less losses, over "
            "all shared questions; McNemar's exact test",
            "-1 to 1",
            Better.NEITHER,
            "none where a task has no right and wrong; repeats count by majority",
            "McNemar (1947)",
        ),
        MetricDescription(
            "smallest_difference",
            "(z of 1 - alpha / 2 plus z of the power) times the median standard error of paired "
            "differences",
            "0 and more",
            Better.LOWER,
            "none where no two systems differ in spread",
        ),
    ),
)
