"""Claims that wait, in the order in which they came: files `{number}.ticket`.

A ticket counts while its claim holds it locked; one that nobody holds is removed by whoever
comes across it. Everything here is for use under the gate.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from modellab.models.gpu.locks import is_locked, locked_file, read_record


@dataclass(frozen=True)
class Waiting:
    """A claim that waits for `n` of `gpus`, since when (seconds since 1970)."""

    pid: int
    job: str
    since: float
    n: int
    gpus: tuple[str, ...]


@dataclass(frozen=True)
class Ticket:
    """A place in the queue; held until it is given back or the process ends."""

    number: int
    path: Path
    descriptor: int

    def give_back(self) -> None:
        os.close(self.descriptor)


def join(folder: Path, n: int, gpus: tuple[str, ...], job: str) -> Ticket:
    """Take the last place. Children do not inherit it."""
    number = max((_number(path) for path in folder.glob("*.ticket")), default=0) + 1
    path = folder / f"{number:012d}.ticket"
    waiting = Waiting(os.getpid(), job, time.time(), n, gpus)
    descriptor = locked_file(path, asdict(waiting))
    assert descriptor is not None
    return Ticket(number, path, descriptor)


def ahead_of(folder: Path, ticket: Ticket | None = None) -> Iterator[Waiting]:
    """The claims before a place, the oldest first; all that wait, without a ticket."""
    for path in sorted(folder.glob("*.ticket")):
        if ticket is not None and _number(path) >= ticket.number:
            return
        if not is_locked(path):
            path.unlink()
            continue
        record = read_record(path)
        yield Waiting(**{**record, "gpus": tuple(record["gpus"])})


def _number(path: Path) -> int:
    return int(path.stem)
