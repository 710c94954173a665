"""How far a long job is: rows done, rows per second, time left, every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from modellab.core.job_log import PROGRESS
from modellab.core.news import Rows

Item = TypeVar("Item")
log = logging.getLogger(PROGRESS)

#: the first rows say little: a model is still warming up
_SURE_SECONDS, _SURE_ROWS = 5.0, 5


def with_progress(
    items: Iterable[Item], total: int, what: str, every_seconds: float = 5.0
) -> Iterator[Item]:
    """Pass the items on, and log a line at most every `every_seconds` and one at the end."""
    start = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last >= every_seconds and done < total:
            _log(Rows(what, done, total, now - start))
            last = now
    _log(Rows(what, done, total, time.monotonic() - start))


def in_words(rows: Rows) -> str:
    """`answers of a: 20/100 rows, 2.0 rows/s, about 40 s left`."""
    rate = rows.done / rows.seconds if rows.seconds > 0 else 0.0
    left = seconds_left(rows)
    end = "" if left is None else f", about {duration(left)} left"
    return f"{rows.what}: {rows.done}/{rows.total} rows, {rate:.1f} rows/s{end}"


def seconds_left(rows: Rows) -> float | None:
    """By the rate until now; None at the end, and while too few rows are done to say."""
    told = rows.seconds >= _SURE_SECONDS and rows.done >= _SURE_ROWS
    return rows.seconds / rows.done * (rows.total - rows.done) if told and rows.left() else None


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def _log(rows: Rows) -> None:
    log.info("%s", in_words(rows), extra={"rows": rows})
