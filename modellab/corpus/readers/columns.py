"""Pages of a PDF whose columns were drawn line by line, across the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pdfminer.layout import LTTextBox

#: lines beside each other that make two columns
_LEAST_LINES = 4
#: characters a line, on average, of prose; cells of a table are shorter
_LEAST_WIDTH = 20
#: points: so near are the beginnings of the lines of a column, the heights of neighbours
_NEAR = 2.0


class Piece(NamedTuple):
    """A piece of text where it was drawn, in points from the lower left corner, and how large."""

    x: float
    y: float
    size: float
    text: str


def maybe_columns(pieces: Sequence[Piece]) -> bool:
    """Whether lines were drawn beside each other, one after the other, and begin at one height.

    This is cheap and also true of tables; `text_of_columns` looks closer.
    """
    starts = Counter(
        round(other.x / _NEAR)
        for one, other in pairwise(pieces)
        if abs(one.y - other.y) <= _NEAR and other.x - _end(one) > one.size
    )
    return any(starts[x] + starts[x + 1] >= _LEAST_LINES for x in starts)


def text_of_columns(path: Path, page: int, pieces: Sequence[Piece]) -> str | None:
    """The text of a page (from 0), column after column; None where its lines are no columns of
    prose that were drawn line by line: those of tables are short, and end where they end.

    Columns are found by the layout analysis of pdfminer.six. Raises what that library raises.
    """
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextBox

    # lines that are up to twice as far apart as they are high belong together
    (layout,) = extract_pages(path, page_numbers=[page], laparams=LAParams(line_margin=1.0))
    boxes = [item for item in layout if isinstance(item, LTTextBox)]
    prose = [box for box in boxes if _is_prose(box)]
    if not any(_mixed(one, other, pieces) for one in prose for other in prose):
        return None
    return "\n".join("\n".join(_lines(box)) for box in boxes)


def _mixed(one: LTTextBox, other: LTTextBox, pieces: Sequence[Piece]) -> bool:
    """Whether two boxes are beside each other, and the drawing goes to and fro between them."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    if one.x1 > other.x0 or shared < min(one.height, other.height) / 2:
        return False
    sides = [box for piece in pieces for box in (one, other) if _inside(piece, box)]
    return sum(a is not b for a, b in pairwise(sides)) >= 2 * _LEAST_LINES - 1


def _inside(piece: Piece, box: LTTextBox) -> bool:
    across = box.x0 - _NEAR <= piece.x <= box.x1 + _NEAR
    return across and box.y0 - piece.size <= piece.y <= box.y1 + piece.size


def _end(piece: Piece) -> float:
    """About where a piece ends: letters are half as wide as high."""
    return piece.x + len(piece.text.strip()) * piece.size / 2


def _is_prose(box: LTTextBox) -> bool:
    """Long lines that go on in the next one, so that at least half do not begin in upper case."""
    lines = list(_lines(box))
    if len(lines) < _LEAST_LINES or sum(map(len, lines)) < _LEAST_WIDTH * len(lines):
        return False
    going_on = sum(not line[0].isupper() for line in lines[1:])
    return 2 * going_on >= len(lines) - 1


def _lines(box: LTTextBox) -> Iterator[str]:
    yield from (line.strip() for line in box.get_text().split("\n") if line.strip())
