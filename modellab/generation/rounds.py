"""Rounds of a dataset: who is asked what, as a file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json


@dataclass(frozen=True)
class Stop:
    """Why a system is asked no further: `by` is the one that beats it."""

    reason: str
    by: str = ""


@dataclass(frozen=True)
class Round:
    """Who is asked what in a round.

    Attributes:
        number: From 1.
        questions: The ids that are asked in this round; none where asking has ended.
        asked: How many were asked in the rounds before.
        systems: By model, the retrievers with which it is asked: those still in the contest, and
            its controls.
        stopped: By system, all that are asked no further.
        spent_usd: What the answers before cost, where their price is known.
        ended: Why nothing more is asked of anyone; empty as long as something is.
        last: Whether no round follows.
    """

    number: int
    questions: tuple[str, ...]
    asked: int
    systems: Mapping[str, tuple[str, ...]]
    stopped: Mapping[str, Stop] = field(default_factory=dict)
    spent_usd: float = 0.0
    ended: str = ""
    last: bool = False


def read_round(path: Path) -> Round:
    """Raises InputError for a file that is no round."""
    try:
        return TypeAdapter(Round).validate_python(read_json(path))
    except ValidationError as error:
        raise InputError(f"{path}: no plan of a round: {error.errors()[0]['msg']}") from None


def stops(path: Path | None) -> dict[str, dict[str, Any]]:
    """By system, what its summary says of an end before all questions; none without rounds."""
    if path is None:
        return {}
    return {
        system: {"stopped": stop.reason, "beaten_by": stop.by}
        for system, stop in read_round(path).stopped.items()
    }
