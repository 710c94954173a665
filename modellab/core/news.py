"""What jobs report to the run that started them: rows done, and warnings.

A run names a folder in the environment; each job writes there instead of to the terminal.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modellab.core.fingerprint import digest
from modellab.core.secrets import scrub

#: names the folder
FOLDER = "MODELLAB_NEWS"
_WARNINGS = "warnings.jsonl"


class Rows(NamedTuple):
    """How far a job is. `seconds` since its first request."""

    what: str
    done: int
    total: int
    seconds: float

    def left(self) -> int:
        return self.total - self.done


class Warned(NamedTuple):
    """A warning, and the log of the job that gave it."""

    log: str
    message: str


class NewsHandler(logging.Handler):
    """Writes a job's news into the folder of the run: the last progress, and every warning."""

    def __init__(self, folder: Path, log: Path) -> None:
        super().__init__()
        self._folder, self._log = folder, str(log)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            rows = getattr(record, "rows", None)
            if rows is not None:
                path = _rows_file(self._folder, self._log)
                path.with_suffix(".new").write_text(json.dumps(rows), encoding="utf-8")
                path.with_suffix(".new").replace(path)
            elif logging.WARNING <= record.levelno < logging.ERROR:
                line = json.dumps([self._log, scrub(record.getMessage())], ensure_ascii=False)
                with (self._folder / _WARNINGS).open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")
        except OSError:
            # the news may be lost, never the job: its own log has the same
            self.handleError(record)


def folder_of_run() -> Path | None:
    """Where the run wants the news of its jobs; None where it wants them on the terminal."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and Path(named).is_dir() else None


def rows_of(folder: Path, log: str) -> Rows | None:
    """How far the job with this log is; None where it has not said so."""
    try:
        return Rows(*json.loads(_rows_file(folder, log).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def warnings_of(folder: Path) -> Iterator[Warned]:
    """All warnings of a run's jobs, in the order in which they came."""
    path = folder / _WARNINGS
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        yield Warned(*json.loads(line))


def _rows_file(folder: Path, log: str) -> Path:
    return folder / f"{digest(log)}.json"
