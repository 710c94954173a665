"""Waiting is never silent: a long wait is a line on the terminal, once for all that wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

#: seconds; shorter waits are told of to nobody
LONG = 10.0


class Waits:
    """Says how long is waited for what, but not again before that wait is over."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._clock = clock
        self._told_until = float("-inf")

    def tell(self, seconds: float, why: str) -> None:
        """A wait of so many seconds begins."""
        now = self._clock()
        if seconds <= LONG or now + seconds <= self._told_until + LONG:
            return
        self._told_until = now + seconds
        until = f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M:%S}"
        log.warning("%s: waiting %.0f s, until %s, %s", self._what, seconds, until, why)
