"""The parts of the page as plain data; `page.html` has a branch for each kind of block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from modellab.reporting.page.results import DatasetResults


def questions_link(**filters: str) -> str:
    """The list of questions with filters, such as `system="a@bm25"` and `outcome="wrong"`."""
    return f"#questions?{urlencode(filters, quote_via=quote)}"


def system_link(system: str) -> str:
    return questions_link(system=system)


def compare_link(one: str, other: str) -> str:
    """The questions on which two systems differ, with the answers of both."""
    return questions_link(system=one, other=other, outcome="disagree")


class Block:
    """Anything that a section shows."""

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Part:
    """The rows with one outcome as a part of a bar; `start` and `share` are percentages of it."""

    outcome: str
    count: int
    start: float
    share: float
    link: str | None = None


@dataclass(frozen=True)
class Interval:
    """A value with its interval on an axis from 0 to 100, over the band of the controls."""

    low: float
    value: float
    high: float
    band: tuple[float, float] | None = None


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    `value` is what it is sorted by if not by its text. `below` is a second, smaller line.
    `interval` and `parts` are drawn in place of the text. `tone` is good, bad, warn or tie.
    """

    text: str
    value: float | None = None
    link: str | None = None
    interval: Interval | None = None
    tone: str = ""
    below: str = ""
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Column:
    """A column; numbers are right-aligned and sorted by value. `hint` explains it."""

    label: str
    number: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Table(Block):
    """A table; `file` in the folder of the dataset has all digits."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    file: str | None = None


@dataclass(frozen=True)
class Facts(Block):
    """Names and values."""

    title: str
    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Text(Block):
    """A paragraph; `tone` is empty, good, warn or bad."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Box(Block):
    """The verdict, and what it is based on."""

    text: str
    lines: Sequence[str] = ()
    tone: str = ""


@dataclass(frozen=True)
class Link:
    """A sentence, with a link if it has an `address`."""

    text: str
    address: str | None = None


@dataclass(frozen=True)
class Card:
    """A question of the reader, the number that answers it, notes and links."""

    question: str
    number: str
    lines: Sequence[Link] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Cards(Block):
    """Cards side by side."""

    cards: Sequence[Card]


@dataclass(frozen=True)
class Source(Block):
    """A long text in its original form, folded."""

    title: str
    text: str


@dataclass(frozen=True)
class Picture(Block):
    """A plot: the file `pictures/{file}` beside the page, made of `content`."""

    title: str
    file: str
    content: Path | bytes
    caption: str = ""


@dataclass(frozen=True)
class Live(Block):
    """A part that the page's script fills from data: `questions` or `question`."""

    name: str


@dataclass(frozen=True)
class Fold(Block):
    """Blocks that are hidden until the reader opens them."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    """A part of a tab; `build` returns no blocks if there is nothing to show.

    `absent` names what to configure in that case, for a list at the end of the page.
    """

    title: str
    build: Callable[[DatasetResults], Sequence[Block]]
    absent: str = ""


@dataclass(frozen=True)
class Tab:
    """One tab. `name` is its address (`#name`); `count` is a number next to its title."""

    name: str
    title: str
    sections: Sequence[Section]
    count: Callable[[DatasetResults], int] = lambda _: 0
