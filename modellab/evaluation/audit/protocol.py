"""What is audited, and what a check says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from modellab.core.records import Metric, Status
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.compare.entries import Entry


class Verdict(StrEnum):
    """What a check found. A warning is to be looked at; a failure makes the numbers wrong."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Counts:
    """What a system's predictions report, counted. `timed` rows have a latency above 0."""

    answered: int = 0
    without_tokens: int = 0
    priced: int = 0
    finished: int = 0
    truncated: int = 0
    to_a_judge: int = 0
    timed: int = 0


@dataclass(frozen=True)
class Subject:
    """One system with all that is known of it.

    `run` is the record of its model's run. `recomputed` are the components as its rows give them
    now, None where they cannot be recomputed. `twins` are the models that are made the same way.
    """

    entry: Entry
    run: Mapping[str, Any]
    counts: Counts
    statuses: Mapping[str, int]
    recomputed: Mapping[str, Metric] | None = None
    twins: Sequence[str] = field(default_factory=tuple)

    @property
    def meant_to_be_low(self) -> bool:
        """Whether a low score is no surprise: a control without the passages that answer."""
        return self.entry.control and self.entry.summary.role != "oracle"

    @property
    def made_by_a_machine(self) -> bool:
        """Whether the answers were made by a run, not read from a file, voted on or retrieved."""
        return self.entry.model.llm_provider not in ("submission", "ensemble", "passages")

    @property
    def generative(self) -> bool:
        """Whether a prompt was sent: then there are tokens, and answers can be cut off."""
        return self.made_by_a_machine and self.run.get("prompt") is not None

    @property
    def asked(self) -> int:
        """Rows that the model was asked for."""
        return self.rows - self.statuses.get(Status.MISSING, 0)

    @property
    def rows(self) -> int:
        return sum(self.statuses.values())


@dataclass(frozen=True)
class Outcome:
    """What a check says: the value found, the threshold it was held against, and a sentence."""

    verdict: Verdict
    message: str = ""
    value: float | None = None
    threshold: float | None = None


Check = Callable[[Subject, AuditOptions], Outcome]


def not_applicable(why: str) -> Outcome:
    return Outcome(Verdict.NOT_APPLICABLE, why)


def at_most(
    value: float, threshold: float, message: str, beyond: Verdict = Verdict.WARNING
) -> Outcome:
    """Good up to the threshold; beyond it the message is told."""
    good = value <= threshold
    return Outcome(Verdict.OK if good else beyond, "" if good else message, value, threshold)


def at_least(
    value: float, threshold: float, message: str, below: Verdict = Verdict.WARNING
) -> Outcome:
    """Good from the threshold on; below it the message is told."""
    good = value >= threshold
    return Outcome(Verdict.OK if good else below, "" if good else message, value, threshold)
