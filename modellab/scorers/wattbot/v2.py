"""The second rules: numbers may be written in the usual ways."""

from __future__ import annotations

from modellab.scorers.wattbot.normalise import plain_number
from modellab.scorers.wattbot.published import PublishedScorer


class WattBotV2(PublishedScorer):
    """As v1, but thousands commas, hedge words, magnitude letters and dashed ranges are read."""

    name = "v2"

    def rewrite(self, value: str) -> str:
        return plain_number(value)
