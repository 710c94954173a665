"""Rounds of adaptive evaluation: the file that says which systems are asked which questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellab.core.io.jsonl import read_record


@dataclass(frozen=True)
class EarlyStop:
    """Why a system is no longer asked; `by` is the leader at that time, if it was beaten."""

    reason: str
    by: str = ""


@dataclass(frozen=True)
class Round:
    """The plan of a round.

    Attributes:
        number: From 1.
        questions: Ids of the questions to ask; none if asking has ended.
        asked: The number of questions of all earlier rounds.
        systems: By model, the retrievers with which it is asked: contenders and controls.
        stopped: By system, why it is asked no further.
        spent_usd: The known cost of all earlier answers.
        ended: Why nothing is asked any more; empty if something is.
        last: No round follows.
    """

    number: int
    questions: tuple[str, ...]
    asked: int
    systems: Mapping[str, tuple[str, ...]]
    stopped: Mapping[str, EarlyStop] = field(default_factory=dict)
    spent_usd: float = 0.0
    ended: str = ""
    last: bool = False


def read_round(path: Path) -> Round:
    """Raises InputError for a file that is no round."""
    return read_record(path, Round)


def stops(path: Path | None) -> dict[str, dict[str, Any]]:
    """By system, the fields of its summary for an early stop; empty without rounds."""
    if path is None:
        return {}
    return {
        system: {"stopped": stop.reason, "beaten_by": stop.by}
        for system, stop in read_round(path).stopped.items()
    }
