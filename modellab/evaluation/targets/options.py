"""The options `targets:`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from modellab.core.metric import Better
from modellab.core.options import Options
from modellab.evaluation.targets.sources import described, directions, near


def _names(what: str) -> tuple[str, ...] | None:
    names: tuple[str, ...] | None = Field(default=None, min_length=1, description=what)
    return names


class Target(Options):
    """What one metric should reach."""

    metric: str = Field(description="a name from docs/metrics.md, such as overall or hit_rate@5")
    good: float = Field(allow_inf_nan=False, description="good from here on")
    attention: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="short of `good`, but not critical, up to here; null: never critical alone",
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None,
        description="which way is good; only for metrics that docs/metrics.md gives no direction",
    )
    datasets: tuple[str, ...] | None = _names("of these datasets; null: all")
    models: tuple[str, ...] | None = _names("of these models; null: all")
    retrievers: tuple[str, ...] | None = _names("with these retrievers; null: all but controls")
    judges: tuple[str, ...] | None = _names("by these judges; null: all")
    judge_kind: Literal["rubric", "ragas"] | None = Field(
        default=None, description="by judges of this kind: faithfulness has the scale of its judge"
    )
    embedders: tuple[str, ...] | None = _names("of these embedders; null: all")
    texts: Literal["questions", "chunks"] | None = Field(
        default=None, description="of these vectors; null: both"
    )
    level: Literal["chunk", "document"] | None = Field(
        default=None,
        description="found chunks or found documents; null: those that the questions name",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not described(self.metric):
            close = near(self.metric)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise ValueError(f"unknown metric {self.metric!r}{hint} (docs/metrics.md has all)")
        self._require_one_direction()
        if self.attention is not None and not self.reaches(self.good, self.attention):
            side = "below" if self.direction == "higher" else "above"
            raise ValueError(
                f"{self.metric}: attention ({self.attention:g}) should be {side} "
                f"good ({self.good:g}): {self.direction} is better"
            )
        return self

    def _require_one_direction(self) -> None:
        known = directions(self.metric)
        if not known and self.better is None:
            raise ValueError(
                f"{self.metric}: neither way is good in itself; say `better: higher` or "
                "`better: lower`"
            )
        if self.better is not None and known - {Better(self.better)}:
            raise ValueError(f"{self.metric}: {self.direction} is better; leave `better` out")

    @property
    def direction(self) -> str:
        """`higher` or `lower`."""
        known = directions(self.metric)
        return next(iter(known)).value if known else str(self.better)

    def reaches(self, value: float, threshold: float) -> bool:
        return value >= threshold if self.direction == "higher" else value <= threshold


class TargetsOptions(Options):
    """Thresholds that the results of a dataset are compared with, to give it one status."""

    metrics: tuple[Target, ...] | None = Field(
        default=None,
        description="one entry per metric, those of the answers first; null: no status is given",
    )
    min_coverage: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="a metric over a smaller share of its rows has the status insufficient data",
    )
    critical_from: PositiveInt | None = Field(
        default=3,
        description="with this number of metrics short of good the whole is critical; null: only "
        "where "
        "one of them is",
    )
    of: Literal["leader", "every"] = Field(
        default="leader",
        description="whose metrics count for the whole: the system with the best overall score, "
        "or all systems",
    )

    def of_dataset(self, dataset: str) -> list[Target]:
        return [one for one in self.metrics or () if dataset in (one.datasets or (dataset,))]
