"""The options of adaptive evaluation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from modellab.core.options import Options


class TopOptions(Options):
    """Asking ends with a few."""

    top: PositiveInt = Field(description="the most systems that may be the best at the end")


class AdaptiveOptions(Options):
    """Questions in rounds: systems that cannot be the best any more are asked no further."""

    rounds: int = Field(8, ge=2, le=100, description="parts that the questions are asked in")
    stop: Literal["decided"] | TopOptions = Field(
        "decided",
        description="when asking ends: decided, as soon as one system alone may be the best; "
        "`{top: 3}`, as soon as three or fewer may be",
    )
    error: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="the greatest probability that the best system is dropped, over all rounds",
    )
    budget_usd: PositiveFloat | None = Field(
        None,
        description="no round begins that would take the answers' cost beyond this, by what the "
        "round before cost; null: no limit",
    )

    @property
    def most_left(self) -> int:
        """Asking ends when no more than this may be the best."""
        return 1 if self.stop == "decided" else self.stop.top
