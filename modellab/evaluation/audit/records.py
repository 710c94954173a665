"""What the audit looks at, and what a check finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from modellab.core.records import Metric, Status
from modellab.evaluation.compare.entries import ENSEMBLE, SUBMISSION, Entry


class CheckStatus(StrEnum):
    """The result of a check. A warning should be reviewed; a failure makes the numbers wrong."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class CheckResult:
    """A verdict with the value found, the threshold it was compared with, and a sentence."""

    verdict: CheckStatus
    message: str = ""
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class AnswerCounts:
    """Numbers of a system's answers with a text; `timed` ones have a latency above 0.

    `answered_as` counts the names of the model in the server's replies.
    """

    answered: int = 0
    without_tokens: int = 0
    priced: int = 0
    finished: int = 0
    truncated: int = 0
    to_a_judge: int = 0
    timed: int = 0
    answered_as: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """One audited system.

    Attributes:
        entry: Its summary.
        run: The record of its model's run.
        counts: What its predictions report.
        statuses: Number of score rows by status.
        recomputed: The components recomputed from the rows; None where that is not possible.
        twins: Other models that are run in exactly the same way.
        only_answer: The one answer that it gives to different questions, if it gives no other.
    """

    entry: Entry
    run: Mapping[str, Any]
    counts: AnswerCounts
    statuses: Mapping[str, int]
    recomputed: Mapping[str, Metric] | None = None
    twins: Sequence[str] = ()
    only_answer: str | None = None

    @property
    def generated(self) -> bool:
        """Whether a run made the answers: not read from a file, voted on or retrieved."""
        return self.entry.model.llm_provider not in (SUBMISSION, ENSEMBLE, "passages")

    @property
    def prompted(self) -> bool:
        """Whether a prompt was sent: then there are tokens, and answers can be cut off."""
        return self.generated and self.run.get("prompt") is not None

    @property
    def asked(self) -> int:
        """Number of rows that the model was asked for."""
        return self.rows - self.statuses.get(Status.MISSING, 0)

    @property
    def rows(self) -> int:
        return sum(self.statuses.values())


def not_applicable(why: str) -> CheckResult:
    return CheckResult(CheckStatus.NOT_APPLICABLE, why)


def at_most(
    value: float, threshold: float, message: str, beyond: CheckStatus = CheckStatus.WARNING
) -> CheckResult:
    """OK up to the threshold."""
    ok = value <= threshold
    return CheckResult(CheckStatus.OK if ok else beyond, "" if ok else message, value, threshold)


def at_least(
    value: float, threshold: float, message: str, below: CheckStatus = CheckStatus.WARNING
) -> CheckResult:
    """OK from the threshold on."""
    ok = value >= threshold
    return CheckResult(CheckStatus.OK if ok else below, "" if ok else message, value, threshold)
