"""How far a long job is: rows done, rows per second, time left, every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from modellab.core.job_log import PROGRESS

Item = TypeVar("Item")
log = logging.getLogger(PROGRESS)


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
            log.info("%s", _line(what, done, total, now - start))
            last = now
    log.info("%s", _line(what, done, total, time.monotonic() - start))


def _line(what: str, done: int, total: int, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
    return f"{what}: {done}/{total} rows, {rate:.1f} rows/s{left}"
