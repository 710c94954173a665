"""What the page is made of: tabs of sections, each built from the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modellab.reporting.page.blocks import Block
from modellab.reporting.page.results import DatasetResults


@dataclass(frozen=True)
class Section:
    """A part of a tab. Where there is nothing to show, `build` gives no blocks.

    `absent` says what would have to be configured then; the page lists it once. Empty: nothing
    worth saying.
    """

    title: str
    build: Callable[[DatasetResults], Sequence[Block]]
    absent: str = ""


@dataclass(frozen=True)
class Tab:
    """One tab. `name` is its address (`#name`); `count` gives a number beside its title."""

    name: str
    title: str
    sections: Sequence[Section]
    count: Callable[[DatasetResults], int] = lambda _: 0
