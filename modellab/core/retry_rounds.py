"""Retrying failed rows in the next run.

A job keeps a small record beside its journal: the number of its round, and the number of rows left
open. The workflow reads it when planning: if rows are open, or the job did not finish, the next
round has another number, which makes the job's outputs stale.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from modellab.core.io.jsonl import read_record, write_json

#: error classes that may not recur when the same request is repeated later
TRANSIENT = frozenset(
    {
        *("auth", "not_found", "quota", "budget"),
        *("connection", "rate_limited", "server_error", "timeout", "bad_response"),
    }
)
#: error classes that affect all rows of a model: if there is nothing else, the job failed
AFFECTS_ALL_ROWS = frozenset({"auth", "not_found", "connection", "quota", "bad_parameter"})
#: error classes that fail a job without a single answer
BROKEN = AFFECTS_ALL_ROWS | TRANSIENT | {"bad_request", "context_too_long"}


@dataclass(frozen=True)
class RetryRound:
    """Number of a job's round, and of its open rows (None: not finished)."""

    number: int = 0
    open: int | None = 0


def last_round(journal: Path) -> RetryRound:
    """The last round of the job with this journal. Raises InputError for a torn record."""
    path = _record(journal)
    return read_record(path, RetryRound) if path.exists() else RetryRound()


def next_round(journal: Path, retry_failed: bool) -> int:
    """The number of the job's next round: that of the last one if nothing is to be retried."""
    last = last_round(journal)
    unfinished = last.open is None or (retry_failed and last.open > 0)
    return last.number + unfinished


def begin_round(journal: Path, number: int) -> bool:
    """Record that a job has started. Returns whether it only retries open rows."""
    last = last_round(journal)
    write_json(_record(journal), asdict(RetryRound(number, None)))
    return bool(last.open) and number == last.number + 1


def end_round(journal: Path, number: int, left_open: int) -> None:
    """Record that a job has finished, with the number of rows that the next run may retry."""
    write_json(_record(journal), asdict(RetryRound(number, left_open)))


def _record(journal: Path) -> Path:
    return journal.with_suffix(".round.json")
