"""The third rules: truth values may be words."""

from __future__ import annotations

from modellab.scorers.wattbot.normalise import plain_number
from modellab.scorers.wattbot.published import PublishedScorer

_TRUTH_VALUES = {"true": "1", "yes": "1", "false": "0", "no": "0"}


class WattBotV3(PublishedScorer):
    """As v2, but true and yes are 1, false and no are 0."""

    name = "v3"

    def rewrite(self, value: str) -> str:
        return _TRUTH_VALUES.get(value.strip().lower()) or plain_number(value)
