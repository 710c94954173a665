"""What a check before a run has found: fine, doubtful or wrong, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: a failure stops the run, a warning may."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """One row of the preflight table. No field ever holds a secret's value."""

    subject: str
    level: Level
    message: str
    advice: str = ""


def ok(subject: str, message: str) -> Finding:
    return Finding(subject, Level.OK, message)


def warning(subject: str, message: str, advice: str) -> Finding:
    return Finding(subject, Level.WARNING, message, advice)


def failure(subject: str, message: str, advice: str) -> Finding:
    return Finding(subject, Level.FAILURE, message, advice)
