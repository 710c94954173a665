"""A small line chart as SVG: how a few values went over a few runs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

#: told apart by people who see few colours (Okabe and Ito), and by their dashes
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#6b6b6b")
_DASHES = ("", "6 3", "2 3", "9 3 2 3")
#: so many lines can be told apart
MOST_LINES = len(_COLOURS)
_LEFT, _TOP, _WIDTH, _HEIGHT, _ROW = 56, 16, 640, 240, 20

Values = Sequence[float | None]


def chart_address(labels: Sequence[str], lines: Mapping[str, Values]) -> str:
    """The chart as the address of an image. `labels` are those of the places from left to right.

    Each line has a value per place; None leaves a gap. At most MOST_LINES lines are drawn.
    """
    return f"data:image/svg+xml;base64,{b64encode(chart(labels, lines).encode()).decode()}"


def chart(labels: Sequence[str], lines: Mapping[str, Values]) -> str:
    shown = dict(list(lines.items())[:MOST_LINES])
    low, high = _span([value for values in shown.values() for value in values])
    height = _TOP + _HEIGHT + 34 + _ROW * len(shown)
    width = _LEFT + _WIDTH + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="DejaVu Sans, sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *_grid(low, high),
        *_places(labels),
    ]
    for number, (name, values) in enumerate(shown.items()):
        points = [
            None if value is None else (_x(place, len(labels)), _y(value, low, high))
            for place, value in enumerate(values)
        ]
        parts += [*_line(number, points), *_legend(number, name)]
    return "".join([*parts, "</svg>"])


def _span(values: Sequence[float | None]) -> tuple[float, float]:
    """0 to 1 where all values lie there, else from the least to the greatest with some room."""
    known = [value for value in values if value is not None]
    if not known or (min(known) >= 0 and max(known) <= 1):
        return 0.0, 1.0
    room = (max(known) - min(known)) * 0.05 or 1.0
    return min(known) - room, max(known) + room


def _x(place: int, places: int) -> float:
    return _LEFT + (_WIDTH / 2 if places == 1 else _WIDTH * place / (places - 1))


def _y(value: float, low: float, high: float) -> float:
    return _TOP + _HEIGHT * (high - value) / (high - low)


def _grid(low: float, high: float) -> Iterator[str]:
    for step in range(5):
        value = low + (high - low) * step / 4
        y = _y(value, low, high)
        yield f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield _text(_LEFT - 8, y + 4, "end", f"{value:.3g}")


def _places(labels: Sequence[str]) -> Iterator[str]:
    """As many labels as fit beside each other, the last one always."""
    every = -(-len(labels) // 6)
    for place, label in enumerate(labels):
        if (len(labels) - 1 - place) % every == 0:
            ends = {0: "start", len(labels) - 1: "end"} if len(labels) > 1 else {}
            x = _x(place, len(labels))
            yield _text(x, _TOP + _HEIGHT + 20, ends.get(place, "middle"), label)


def _line(number: int, points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    colour, dash = _COLOURS[number], _DASHES[number % len(_DASHES)]
    for one, two in pairwise(points):
        if one and two:
            yield (
                f'<line x1="{one[0]:.1f}" y1="{one[1]:.1f}" x2="{two[0]:.1f}" y2="{two[1]:.1f}" '
                f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
            )
    for point in points:
        if point:
            yield f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="3.5" fill="{colour}"/>'


def _legend(number: int, name: str) -> Iterator[str]:
    y = _TOP + _HEIGHT + 44 + _ROW * number
    colour, dash = _COLOURS[number], _DASHES[number % len(_DASHES)]
    yield (
        f'<line x1="{_LEFT}" x2="{_LEFT + 28}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
        f'stroke-width="2" stroke-dasharray="{dash}"/>'
    )
    yield _text(_LEFT + 36, y, "start", name)


def _text(x: float, y: float, anchor: str, text: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="#333">{escape(text)}</text>'
