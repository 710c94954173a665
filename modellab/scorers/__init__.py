"""Scorers: how answers are marked, as named versions of each task's rules.

A new version is one class that fits `Scorer`, and one entry below.
"""

from __future__ import annotations

from modellab.scorers.protocol import Scorer
from modellab.scorers.wattbot.validator import ValidatorScorer
from modellab.scorers.wattbot.versions import VersionedScorer

SCORERS: dict[str, dict[str, Scorer]] = {
    "wattbot": {
        "v1": VersionedScorer("v1", numbers=False, booleans=False),
        "v2": VersionedScorer("v2", numbers=True, booleans=False),
        "v3": VersionedScorer("v3", numbers=True, booleans=True),
        "validator": ValidatorScorer(),
    },
}
DEFAULT_SCORER = {"wattbot": "v3"}
