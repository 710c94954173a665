"""Findings of the checks before a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Severity: a failure stops the run, a warning may."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """One row of the preflight table. No field holds the value of a secret."""

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
