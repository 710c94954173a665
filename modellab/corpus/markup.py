"""Headings and tables in the Markdown that readers make of documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from modellab.corpus.documents import Place

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)


def first_heading(text: str) -> str | None:
    """The text of the first heading."""
    return next((title for _, _, title in _headings(text)), None)


def heading_places(text: str) -> tuple[Place, ...]:
    """A place per heading, named by its path of headings, such as `Water > Use`."""
    places: list[Place] = []
    path: list[tuple[int, str]] = []
    for start, level, title in _headings(text):
        path = [*(entry for entry in path if entry[0] < level), (level, title)]
        places.append(Place(start, " > ".join(title for _, title in path)))
    return tuple(places)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Offset, level and text of each heading outside fenced code."""
    code = [found.span() for found in _FENCE.finditer(text)]
    for found in _HEADING.finditer(text):
        if not any(start <= found.start() < end for start, end in code):
            yield found.start(), len(found.group(1)), found.group(2)


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """`| a | b |` per non-empty row, kept whole by chunking; a bar in a cell becomes a slash."""
    for row in rows:
        cells = [" ".join(cell.split()).replace("|", "/") for cell in row]
        if any(cells):
            yield f"| {' | '.join(cells)} |"
