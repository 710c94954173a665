"""The scale of a judge's metric: its ends, and which of them is good."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """Scores from `lowest` to `highest`; `floor` is the least that is possible at all.

    Of a cosine (-1 to 1) what lies below 0 says nothing: its lowest score that counts is 0.
    """

    lowest: float
    highest: float
    higher_is_better: bool = True
    floor: float | None = None

    @property
    def worst(self) -> float:
        """The score of an answer that is not there."""
        return self.lowest if self.higher_is_better else self.highest

    @property
    def least(self) -> float:
        return self.lowest if self.floor is None else self.floor

    @property
    def close(self) -> float:
        """Scores that differ by no more count as equal: 0.5 on a scale from 1 to 5."""
        return (self.highest - self.lowest) / 8

    @property
    def categories(self) -> range:
        """The whole scores."""
        return range(int(self.lowest), int(self.highest) + 1)


#: comparisons, and the metrics of RAGAS
SHARE = Scale(0.0, 1.0)
COSINE = Scale(0.0, 1.0, floor=-1.0)
ONE_TO_FIVE = Scale(1.0, 5.0)
