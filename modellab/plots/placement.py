"""Labels beside points, placed so that none covers another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from modellab.plots.style import MUTED

#: points of paper between a marker's centre and its label's edge, nearest first
_GAPS = (7, 10, 14, 19, 26, 34, 43, 53, 64, 78, 94, 112, 132, 156)
#: directions tried at each distance, beginning on the right
_TURNS = 16
#: half the side of a marker, in points of paper
_MARKER = 4.0
#: a label with this gap or more has a line to its point
_LINE_FROM = 12
#: free paper around a label
_AIR = 1.5

#: what a place costs beside its distance: covering a label must not happen while there is room
_ON_LABEL, _LINE_ON_LABEL, _ON_MARKER, _LINE_ON_MARKER = 10_000, 1_000, 100, 20

Point = tuple[float, float]


class Label(NamedTuple):
    """A text that belongs to the point (x, y), both in the axes' own scale."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class _Place:
    """Where a label could stand, in pixels: its box, and its centre seen from its point.

    `distance` is from the point to the nearest edge. `line` leads from the point to the label;
    a label close to its point does without.
    """

    box: Bbox
    x: float
    y: float
    distance: float
    line: Path | None

    def cost(self, taken: Sequence[_Place], markers: Sequence[Bbox]) -> float:
        """How bad the place is, in pixels of distance that would be as bad."""
        boxes = [other.box for other in taken]
        lines = [other.line for other in taken if other.line]
        own = [self.line] if self.line else []
        lined = _crossings(own, boxes) + _crossings(lines, [self.box])
        return (
            _ON_LABEL * self.box.count_overlaps(boxes)
            + _LINE_ON_LABEL * lined
            + _ON_MARKER * self.box.count_overlaps(markers)
            + _LINE_ON_MARKER * _crossings(own, markers)
            + self.distance
        )


def place_labels(axes: Axes, labels: Sequence[Label], points: Sequence[Point], size: float) -> None:
    """Write each label near its point, inside the axes, one after the other from the top.

    The figure's layout must be final, because places are measured on paper.
    """
    taken: list[_Place] = []
    markers = [_marker(axes, x, y) for x, y in points]
    for label in sorted(labels, key=lambda label: (-label.y, label.x, label.text)):
        text = _write(axes, label, size)
        place = min(_places(axes, text), key=lambda place: place.cost(taken, markers))
        taken.append(place)
        _move(text, place, _unit(axes))


def _write(axes: Axes, label: Label, size: float) -> Annotation:
    """The label, still on top of its point."""
    text = axes.annotate(
        label.text,
        xy=(label.x, label.y),
        xytext=(0, 0),
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=size,
        arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.6, "shrinkA": 0, "shrinkB": 4},
    )
    # it is placed when the layout is final, so it must not change the layout
    text.set_in_layout(False)
    return text


def _move(text: Annotation, place: _Place, unit: float) -> None:
    text.set_position((place.x / unit, place.y / unit))
    assert text.arrow_patch is not None
    text.arrow_patch.set_visible(place.line is not None)


def _places(axes: Axes, text: Annotation) -> list[_Place]:
    """Places for the text around its point, nearest first, all inside the axes."""
    unit = _unit(axes)
    x, y = axes.transData.transform(text.xy)
    size = Text.get_window_extent(text).padded(_AIR * unit)
    frame = axes.get_window_extent().padded(-_MARKER * unit)
    return [
        _place((x, y), _inside(box, frame), unit)
        for gap in _GAPS
        for box in _around((x, y), size, gap * unit)
    ]


def _around(point: Point, size: Bbox, gap: float) -> list[Bbox]:
    """Boxes of one size whose edges are `gap` away from the point, in all directions."""
    angles = [2 * math.pi * turn / _TURNS for turn in range(_TURNS)]
    return [
        Bbox.from_bounds(
            point[0] + math.cos(angle) * (gap + size.width / 2) - size.width / 2,
            point[1] + math.sin(angle) * (gap + size.height / 2) - size.height / 2,
            size.width,
            size.height,
        )
        for angle in angles
    ]


def _inside(box: Bbox, frame: Bbox) -> Bbox:
    """The box, pushed inside the frame."""
    x = min(max(box.x0, frame.x0), frame.x1 - box.width)
    y = min(max(box.y0, frame.y0), frame.y1 - box.height)
    return Bbox.from_bounds(x, y, box.width, box.height)


def _place(point: Point, box: Bbox, unit: float) -> _Place:
    x, y = (box.x0 + box.x1) / 2 - point[0], (box.y0 + box.y1) / 2 - point[1]
    beside, above = abs(x) - box.width / 2, abs(y) - box.height / 2
    distance = math.hypot(max(beside, 0.0), max(above, 0.0))
    line = _line(point, (x, y), unit) if distance >= _LINE_FROM * unit else None
    return _Place(box, x, y, distance, line)


def _line(point: Point, way: Point, unit: float) -> Path:
    """From the edge of the point's own marker to the label's centre."""
    start = 1.5 * _MARKER * unit / math.hypot(*way)
    return Path([(point[0] + part * way[0], point[1] + part * way[1]) for part in (start, 1.0)])


def _crossings(lines: Sequence[Path], boxes: Sequence[Bbox]) -> int:
    return sum(1 for line in lines for box in boxes if line.intersects_bbox(box, filled=False))


def _marker(axes: Axes, x: float, y: float) -> Bbox:
    centre = axes.transData.transform((x, y))
    reach = _MARKER * _unit(axes)
    return Bbox.from_bounds(centre[0] - reach, centre[1] - reach, 2 * reach, 2 * reach)


def _unit(axes: Axes) -> float:
    """Pixels per point of paper."""
    return axes.figure.dpi / 72
