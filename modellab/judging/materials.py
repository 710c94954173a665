"""The inputs of a judge, and its interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from modellab.core.records import Message, Response
from modellab.judging.records import Item, Judgement, Sample


@dataclass(frozen=True)
class Call:
    """One request to a judge: for which item, with which messages.

    `draw` tells apart calls that ask the same for the same item, `attempt` counts how often one
    of them was asked: a reply that cannot be read may be the same twice, and is asked for again.
    """

    item: Item
    messages: tuple[Message, ...]
    draw: int = 1
    attempt: int = 1


#: puts calls to the judge, all at once; one response each, in their order
Ask = Callable[[Sequence[Call]], list[Response]]


@dataclass(frozen=True)
class Materials:
    """The samples of one model; those of others to compare with; prompts by metric.

    `chunks` is the file of the corpus's chunks, where the judge needs the corpus.
    """

    samples: tuple[Sample, ...]
    others: Mapping[str, tuple[Sample, ...]]
    prompts: Mapping[str, Path]
    chunks: Path | None
    seed: int


class Judging(Protocol):
    """All that one judge has to say of one model's answers."""

    def judge(self, ask: Ask) -> list[Judgement]:
        """One row per item, in a fixed order."""
        ...
