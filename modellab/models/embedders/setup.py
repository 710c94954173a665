"""What a search did that is no part of finding passages: loading models, reading kept vectors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass
class Setup:
    """`seconds` went into loading models.

    `kept_seconds` is what vectors of questions took that were there already; None where an
    earlier search did not tell.
    """

    seconds: float = 0.0
    kept_seconds: float | None = 0.0

    def keep(self, seconds: float | None) -> None:
        known = self.kept_seconds
        self.kept_seconds = None if known is None or seconds is None else known + seconds

    @contextmanager
    def loading(self) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - start


@runtime_checkable
class SetsUp(Protocol):
    """An embedder or searcher that loads a model, or keeps vectors."""

    @property
    def setup(self) -> Setup: ...
