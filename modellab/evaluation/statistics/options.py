"""The options of statistics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modellab.core.options import Options


class StatisticsOptions(Options):
    """The `statistics:` of a config."""

    resamples: int = Field(
        default=2000,
        ge=100,
        le=100_000,
        description="bootstrap resamples of the model confidence set (who may be the best)",
    )
    confidence: float = Field(
        default=0.95, gt=0.5, lt=1, description="how likely an interval holds the true value"
    )
    alpha: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="significance level: two systems differ below this p-value, after Holm's "
        "correction; the set of those that may be the best holds the best with 1 - alpha",
    )
    cluster: Literal["question", "document"] = Field(
        default="question",
        description="what is independent: each question with its repeats, or only the questions "
        "about different documents",
    )
