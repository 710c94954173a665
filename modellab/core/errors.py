"""Errors that the user can fix, and findings of the checks before a run."""

import re
from dataclasses import dataclass
from enum import StrEnum

#: control characters of terminals
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class InputError(Exception):
    """An error in the user's input: a config key, a file, a row.

    The message is one line: where (file, row, key), what is wrong and what would be right. Entry
    points print it without a traceback and exit with 1.
    """

    def __str__(self) -> str:
        """The message with control characters, which may come from a file, made visible."""
        return _CONTROL.sub(lambda found: f"\u27e8U+{ord(found[0]):04X}\u27e9", super().__str__())


class BrokenFileError(InputError):
    """A file that cannot be read as its type; in a folder it is skipped with a warning."""


def one_line(error: object) -> str:
    """The text of an exception without line breaks; its class if it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def first_line(error: object) -> str:
    """The first line of an exception's text; its class if it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip()


class Severity(StrEnum):
    """Severity: a failure stops the run, a warning may."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """One row of the preflight table. No field holds the value of a secret."""

    subject: str
    level: Severity
    message: str
    advice: str = ""


def ok(subject: str, message: str) -> Finding:
    return Finding(subject, Severity.OK, message)


def warning(subject: str, message: str, advice: str) -> Finding:
    return Finding(subject, Severity.WARNING, message, advice)


def failure(subject: str, message: str, advice: str) -> Finding:
    return Finding(subject, Severity.FAILURE, message, advice)
