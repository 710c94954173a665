"""What a view is made of: plain data that the page's template knows how to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, what it is sorted by, where it leads.

    `value` is None where a text is sorted as it stands. `interval` (low, value, high, each as a
    share of the axis from 0 to 1) is drawn beside the text. `tone` is good, bad or warn.
    """

    text: str
    value: float | None = None
    link: str | None = None
    interval: tuple[float, float, float] | None = None
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """A column; `number` ones are set right and sorted by value. `hint` says what it holds."""

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
class Source:
    """A long text as it stands in a file, closed until it is wanted."""

    title: str
    text: str
    kind: str = field(default="source", init=False)


@dataclass(frozen=True)
class Picture:
    """A plot; `address` is an image as data, or a file beside the page."""

    title: str
    address: str
    file: str
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True)
class Empty:
    """Why there is nothing to see, and how to get something."""

    reason: str
    kind: str = field(default="empty", init=False)


@dataclass(frozen=True)
class Live:
    """A part that the page's script fills from data: `questions` or `question`."""

    name: str
    kind: str = field(default="live", init=False)


Block = Table | Facts | Text | Source | Picture | Empty | Live
