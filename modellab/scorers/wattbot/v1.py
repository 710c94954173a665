"""The first rules: values are compared as they were written."""

from __future__ import annotations

from modellab.scorers.wattbot.published import PublishedScorer


class WattBotV1(PublishedScorer):
    """`1,438` is not 1438, `2B` is not 2000000000, `yes` is not 1."""

    name = "v1"

    def rewrite(self, value: str) -> str:
        return value
