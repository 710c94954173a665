"""What every view is: a name, a title, and the blocks that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modellab.reporting.page.blocks import Block
from modellab.reporting.page.results import DatasetResults


@dataclass(frozen=True)
class View:
    """One view. `name` is its address (`#name`).

    `build` reads what it needs; where that is not there it gives an Empty block with the reason.
    """

    name: str
    title: str
    build: Callable[[DatasetResults], Sequence[Block]]
