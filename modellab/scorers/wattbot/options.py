"""Options of the WattBot scorers: which version of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from modellab.scorers.protocol import Material, Scorer, ScorerOptions
from modellab.scorers.wattbot.validator import ValidatorScorer
from modellab.scorers.wattbot.versions import VersionedScorer
from modellab.tasks.protocol import TaskOptions

VERSIONS: Mapping[str, Scorer] = {
    "v1": VersionedScorer("v1", numbers=False, booleans=False),
    "v2": VersionedScorer("v2", numbers=True, booleans=False),
    "v3": VersionedScorer("v3", numbers=True, booleans=True),
    "validator": ValidatorScorer(),
}


class WattBotScorerOptions(ScorerOptions):
    """The rules of the WattBot challenge."""

    task: ClassVar[str] = "wattbot"

    kind: Literal["v1", "v2", "v3", "validator"] = Field(description="The version of the rules.")

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        return VERSIONS[self.kind]
