"""The sections of a text with Markdown headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modellab.core.records import Place

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
#: between a heading and the one above it
_BELOW = " > "


def first_heading(text: str) -> str | None:
    """The words of the first heading."""
    return next((words for _, _, words in _headings(text)), None)


def heading_places(text: str) -> tuple[Place, ...]:
    """A place per heading, named by its words and those of the headings above it."""
    places: list[Place] = []
    above: list[tuple[int, str]] = []
    for start, level, words in _headings(text):
        above = [*(entry for entry in above if entry[0] < level), (level, words)]
        places.append(Place(start, _BELOW.join(words for _, words in above)))
    return tuple(places)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Offset, level and words of each heading; a line in a block of code is none."""
    code = [(found.start(), found.end()) for found in _FENCE.finditer(text)]
    for found in _HEADING.finditer(text):
        if not any(start <= found.start() < end for start, end in code):
            yield found.start(), len(found.group(1)), found.group(2)
