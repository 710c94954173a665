"""What a view is made of: plain data that the page's template knows how to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A part of a whole, drawn as a stretch of a bar: rows with one outcome, and where they are.

    `start` and `share` are percentages of the bar.
    """

    outcome: str
    count: int
    start: float
    share: float
    link: str | None = None


@dataclass(frozen=True)
class Interval:
    """A value with its interval on an axis from 0 to 100, over a band that controls span."""

    low: float
    value: float
    high: float
    band: tuple[float, float] | None = None


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, what it is sorted by, where it leads.

    `value` is None where a text is sorted as it is. `below` is a second, smaller line. `interval`
    and `parts` are drawn in place of the text. `tone` is good, bad, warn or tie.
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
    """A column; `number` ones are aligned right and sorted by value. `hint` says what it holds."""

    label: str
    number: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Table:
    """A table with all it needs to be read alone. `file` is where the full numbers are."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    file: str | None = None
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Facts:
    """Names and values, or sentences where a name is empty."""

    title: str
    items: Sequence[tuple[str, str]]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Text:
    """A paragraph; `tone` is empty, good, warn or bad."""

    text: str
    tone: str = ""
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Box:
    """What matters most: a sentence, and what it rests on."""

    text: str
    lines: Sequence[str] = ()
    tone: str = ""
    kind: str = field(default="box", init=False)


@dataclass(frozen=True)
class Link:
    """A sentence; `address` is where it leads, if anywhere."""

    text: str
    address: str | None = None


@dataclass(frozen=True)
class Card:
    """A question of the reader, the number that answers it, what to know, and where to look."""

    question: str
    number: str
    lines: Sequence[Link] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Cards:
    """Some cards beside each other."""

    cards: Sequence[Card]
    kind: str = field(default="cards", init=False)


@dataclass(frozen=True)
class Source:
    """A long text as it stands in a file, closed until it is wanted."""

    title: str
    text: str
    kind: str = field(default="source", init=False)


@dataclass(frozen=True)
class Picture:
    """A plot: `file` of the folder `pictures` beside the page, from `content`."""

    title: str
    file: str
    content: Path | bytes
    caption: str = ""
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Live:
    """A part that the page's script fills from data: `questions` or `question`."""

    name: str
    kind: str = field(default="live", init=False)


@dataclass(frozen=True)
class Fold:
    """Blocks that are closed until they are wanted."""

    title: str
    blocks: Sequence[Block]
    kind: str = field(default="fold", init=False)


Block = Table | Facts | Text | Box | Cards | Source | Picture | Live | Fold
