"""What the config says of statistics."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modellab.options import Options


class StatisticsOptions(Options):
    """The `statistics:` of a config."""

    resamples: int = Field(
        default=2000, ge=100, le=100_000, description="how often the questions are drawn anew"
    )
    confidence: float = Field(
        default=0.95, gt=0.5, lt=1, description="how likely an interval holds the true value"
    )
    alpha: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="two systems are told apart below this p-value, after Holm's correction",
    )
    cluster: Literal["question", "document"] = Field(
        default="question",
        description="what is drawn as a whole: a question with its repeats, or all questions "
        "about one document",
    )
