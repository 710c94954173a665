"""The options of a ranking by several metrics."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from modellab.core.options import Options

#: a weight: more than nothing, and finite
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
#: as RAGAS scores of retrieval and answers have been summed up in published rankings
RAGAS_WEIGHTS = {
    "faithfulness": 0.4,
    "answer_relevancy": 0.3,
    "context_precision": 0.2,
    "context_recall": 0.1,
}


class RankingOptions(Options):
    """A ranking by a weighted mean of metrics: higher is better in each of them."""

    weights: dict[str, Weight] = Field(
        min_length=1,
        description="by metric: a component of the scorer, a judge's metric, or `judge/metric` "
        "where several judges have it; divided by their sum where that is not 1",
    )
    missing: Literal["no_aggregate", "zero"] = Field(
        default="no_aggregate",
        description="a pair that lacks a metric has no aggregate, or counts 0 for it",
    )
    unanswered: Literal["lowest", "left_out"] = Field(
        default="lowest",
        description="in a judge's mean, answers that a model failed to give count with the lowest "
        "score of the scale, or are left out",
    )
    near: float = Field(
        default=0.02, ge=0, lt=1, description="marked as near the best: within this share of it"
    )

    def shares(self) -> dict[str, float]:
        """The weights, which sum up to 1; those that do so as they are stay as written."""
        total = sum(self.weights.values())
        if math.isclose(total, 1.0):
            return dict(self.weights)
        return {name: weight / total for name, weight in self.weights.items()}
