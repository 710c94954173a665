"""Any text as text in Markdown, and tables: names and messages come from files and from models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from modellab.core.text.hidden_characters import visible

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~$&!^])")
#: the end of a cell, unless it is escaped
_BAR = re.compile(r"(?<!\\)\|")
#: addresses become links even without brackets around them
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(://)|(?<=www)(\.)")


def markdown_text(text: str) -> str:
    """The text on one line, as text: no markup, HTML, link, formula, or end of a cell in it."""
    plain = _MARKUP.sub(r"\\\1", " ".join(visible(text).split()))
    return _ADDRESS.sub(r"\\\g<0>", plain)


class Markup(str):
    """A cell that is Markdown already, and not any text."""

    __slots__ = ()


def markdown_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Iterator[str]:
    """The lines of a table.

    Args:
        heads: The names of the columns.
        rows: Cells as text, whatever it is, or as `Markup`.
        right: The columns (from 0) of numbers, which are aligned on the right.
    """
    numbers = set(right)
    yield _row(heads)
    yield "|" + "".join("---:|" if place in numbers else "---|" for place in range(len(heads)))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(cell: str) -> str:
    return _BAR.sub(r"\|", cell) if isinstance(cell, Markup) else markdown_text(cell)
