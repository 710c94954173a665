"""Failed rows: which of them the next run asks again, and how it knows.

A job leaves a small record beside its journal: the round that it was, and how many rows it left
open. The workflow reads it when it plans: where rows are open, or the job never came to its end,
the next round differs from the one before, and what the job made is stale.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from modellab.core.io.jsonl import read_json, write_json

#: classes of errors after which the same request may go well another day
PASSING = frozenset(
    {
        *("auth", "not_found", "quota", "budget"),
        *("connection", "rate_limited", "server_error", "timeout", "bad_response"),
    }
)
#: classes of errors that hold for every row of a model: where nothing else came, the job failed
FOR_ALL_ROWS = frozenset({"auth", "not_found", "connection", "quota", "bad_parameter"})
#: classes after which a job without a single answer has failed
BROKEN = FOR_ALL_ROWS | {"server_error"}


@dataclass(frozen=True)
class Round:
    """How far a job came: its number, and the rows that it left open; None before its end."""

    number: int = 0
    open: int | None = 0


def last_round(journal: Path) -> Round:
    """The last round of the job that keeps `journal`. Raises InputError for a torn record."""
    path = _record(journal)
    return Round(**read_json(path)) if path.exists() else Round()


def next_round(journal: Path, retry_failed: bool) -> int:
    """The number of the round that the job would be now: the last one's where nothing is open.

    `retry_failed: false` leaves failed rows as they are.
    """
    last = last_round(journal)
    unfinished = last.open is None or (retry_failed and last.open > 0)
    return last.number + unfinished


def begin_round(journal: Path, number: int) -> bool:
    """Note that a job has begun; whether it is there only to ask again what was left open."""
    last = last_round(journal)
    write_json(_record(journal), asdict(Round(number, None)))
    return bool(last.open) and number == last.number + 1


def end_round(journal: Path, number: int, left_open: int) -> None:
    """Note that a job has come to its end, and how many rows the next run may ask again."""
    write_json(_record(journal), asdict(Round(number, left_open)))


def _record(journal: Path) -> Path:
    return journal.with_suffix(".round.json")
