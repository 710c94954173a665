"""Progress and warnings of jobs.

A run names a folder in the environment, to which its jobs report instead of the terminal.
"""

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from modellab.core.fingerprint import digest
from modellab.core.secrets import scrub

#: the logger whose lines go to the terminal
PROGRESS = "modellab.core.progress"
#: environment variable with the folder of the run
FOLDER = "MODELLAB_PROGRESS"
_WARNINGS = "warnings.jsonl"
#: no estimate from the first rows: a model is still warming up
_MIN_SECONDS, _MIN_ROWS = 5.0, 5

Item = TypeVar("Item")
log = logging.getLogger(PROGRESS)


class RowProgress(NamedTuple):
    """Progress of a job; `seconds` since its first request."""

    what: str
    done: int
    total: int
    seconds: float

    def left(self) -> int:
        return self.total - self.done


class Warned(NamedTuple):
    """A warning, with the log of its job."""

    log: str
    message: str


class ProgressHandler(logging.Handler):
    """Writes the progress and the warnings of a job into the folder of the run."""

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
            # this must not fail the job, whose own log has the same lines
            self.handleError(record)


def folder_of_run() -> Path | None:
    """The folder for the progress of jobs; None: report to the terminal."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and Path(named).is_dir() else None


def rows_of(folder: Path, log: str) -> RowProgress | None:
    """Progress of the job with this log; None if it has reported none."""
    try:
        return RowProgress(*json.loads(_rows_file(folder, log).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def warnings_of(folder: Path) -> Iterator[Warned]:
    """All warnings of a run's jobs, in order of time."""
    path = folder / _WARNINGS
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        yield Warned(*json.loads(line))


def _rows_file(folder: Path, log: str) -> Path:
    return folder / f"{digest(log)}.json"


def with_progress(
    items: Iterable[Item], total: int, what: str, every_seconds: float = 5.0
) -> Iterator[Item]:
    """Yield the items, logging a line at most every `every_seconds` and one at the end."""
    start = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last >= every_seconds and done < total:
            _log(RowProgress(what, done, total, now - start))
            last = now
    _log(RowProgress(what, done, total, time.monotonic() - start))


def in_words(rows: RowProgress) -> str:
    """`answers of a: 20/100 rows, 2.0 rows/s, about 40 s left`."""
    rate = rows.done / rows.seconds if rows.seconds > 0 else 0.0
    left = seconds_left(rows)
    end = "" if left is None else f", about {duration(left)} left"
    return f"{rows.what}: {rows.done}/{rows.total} rows, {rate:.1f} rows/s{end}"


def seconds_left(rows: RowProgress) -> float | None:
    """The estimated rest; None at the end, and until enough rows are done."""
    enough = rows.seconds >= _MIN_SECONDS and rows.done >= _MIN_ROWS
    return rows.seconds / rows.done * rows.left() if enough and rows.left() else None


def duration(seconds: float) -> str:
    """Seconds in s, min or h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def _log(rows: RowProgress) -> None:
    log.info("%s", in_words(rows), extra={"rows": rows})
