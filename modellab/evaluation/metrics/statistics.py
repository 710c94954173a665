"""How sure the scores are."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

FAMILY = MetricFamily(
    name="statistics",
    title="How sure the scores are",
    applies_to="all systems of a dataset",
    tables=(
        *(
            "leaderboard.csv",
            "statistics.csv",
            "comparisons.csv",
            "ranks.csv",
            "minimum_detectable_effect.csv",
        ),
        "noise_budget.csv",
    ),
    metrics=(
        MetricDescription(
            "overall_low",
            "lower end of the overall score's interval: score intervals of the answerable and the "
            "unanswerable questions, put together by the squares of their distances",
            "as the overall score",
            Better.NEITHER,
            "none without a row, over measures that are no sum over rows, and of one document "
            "where questions are clustered",
            "Wilson (1927), Tango (1998), Zou and Donner (2008)",
        ),
        MetricDescription(
            "overall_high",
            "upper end of the overall score's interval",
            "as the overall score",
            Better.NEITHER,
            "as `overall_low`",
        ),
        MetricDescription(
            "may_be_best",
            "whether a contender is in the model confidence set",
            "True or False",
            Better.NEITHER,
            "empty for controls, without a value, and where less is not worse nor better",
            "Hansen, Lunde and Nason (2011)",
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
            "the true difference that would be found with the power named: critical value and "
            "power in standard errors, which grow with it; in the table the median over "
            "all pairs",
            "0 and more; above the length of the scale: no difference is sure to be found",
            Better.LOWER,
            "none without two systems that have the component",
        ),
        MetricDescription(
            "further_questions",
            "how many more questions of the kind it takes to find the observed difference with "
            "the power named",
            "0 or more",
            Better.LOWER,
            "none where there is no difference",
        ),
        MetricDescription(
            "variance",
            "what a source (questions, repeats, retriever) adds to the variance of a score: exact "
            "sums of squares within strata",
            "0 and more",
            Better.LOWER,
            "questions and repeats together where each question was asked once",
        ),
    ),
)
