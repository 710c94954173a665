"""Labels beside points, placed so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text

from modellab.reporting.plots.style import MUTED

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
Numbers = np.ndarray[Any, np.dtype[Any]]


class Label(NamedTuple):
    """A text that belongs to the point (x, y), both in the axes' own scale."""

    x: float
    y: float
    text: str


class _Places(NamedTuple):
    """Where a label could stand, in pixels, one row per place.

    `boxes` are (x0, y0, x1, y1); `lines` lead from the point to the label's centre, (x, y, x, y),
    and are NaN for a place so close to its point that it does without. `distances` are from the
    point to the nearest edge.
    """

    boxes: Numbers
    lines: Numbers
    distances: Numbers

    def costs(self, taken: _Places, markers: Numbers) -> Numbers:
        """How bad each place is, in pixels of distance that would be as bad."""
        lined = _crossings(self.lines, taken.boxes) + _crossings(taken.lines, self.boxes).T
        costs: Numbers = (
            _ON_LABEL * _overlaps(self.boxes, taken.boxes).sum(axis=1)
            + _LINE_ON_LABEL * lined.sum(axis=1)
            + _ON_MARKER * _overlaps(self.boxes, markers).sum(axis=1)
            + _LINE_ON_MARKER * _crossings(self.lines, markers).sum(axis=1)
            + self.distances
        )
        return costs

    def only(self, row: int) -> _Places:
        chosen = slice(row, row + 1)
        return _Places(self.boxes[chosen], self.lines[chosen], self.distances[chosen])

    def with_another(self, other: _Places) -> _Places:
        return _Places(*(np.concatenate(parts) for parts in zip(self, other, strict=True)))


def place_labels(
    axes: Axes,
    labels: Sequence[Label],
    points: Sequence[Point],
    size: float,
    reaches: Sequence[float] | None = None,
) -> None:
    """Write each label near its point, inside the axes, one after the other from the top.

    `reaches` are half the sides of the points' markers, in points of paper. The figure's
    layout must be final, because places are measured on paper.
    """
    taken = _Places(np.empty((0, 4)), np.empty((0, 4)), np.empty(0))
    markers = np.array(
        [
            _marker(axes, x, y, reach)
            for (x, y), reach in zip(points, reaches or [_MARKER] * len(points), strict=True)
        ]
    ).reshape(-1, 4)
    for label in sorted(labels, key=lambda label: (-label.y, label.x, label.text)):
        text = _write(axes, label, size)
        places = _places(axes, text)
        best = int(np.argmin(places.costs(taken, markers)))
        place = places.only(best)
        taken = taken.with_another(place)
        _move(axes, text, place)


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
    # lines that pass below it must not make it unreadable
    text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
    # it is placed when the layout is final, so it must not change the layout
    text.set_in_layout(False)
    return text


def _move(axes: Axes, text: Annotation, place: _Places) -> None:
    x, y = axes.transData.transform(text.xy)
    x0, y0, x1, y1 = place.boxes[0]
    unit = _unit(axes)
    text.set_position((((x0 + x1) / 2 - x) / unit, ((y0 + y1) / 2 - y) / unit))
    assert text.arrow_patch is not None
    text.arrow_patch.set_visible(not np.isnan(place.lines[0, 0]))


def _places(axes: Axes, text: Annotation) -> _Places:
    """Places for the text around its point, nearest first, all inside the axes."""
    unit = _unit(axes)
    point = axes.transData.transform(text.xy)
    size = Text.get_window_extent(text).padded(_AIR * unit)
    frame = axes.get_window_extent().padded(-_MARKER * unit)
    half = np.array([size.width, size.height]) / 2
    ways = _ways(half, unit)
    centres = np.clip(
        point + ways, frame.min + half, np.maximum(frame.max, frame.min + 2 * half) - half
    )
    way = centres - point
    distances = np.hypot(*np.maximum(np.abs(way) - half, 0.0).T)
    return _Places(
        np.hstack([centres - half, centres + half]),
        _lines(point, way, distances, unit),
        distances,
    )


def _ways(half: Numbers, unit: float) -> Numbers:
    """From the point to the centres of boxes of one size, (places, 2): all gaps, all directions."""
    angles = 2 * np.pi * np.arange(_TURNS) / _TURNS
    turns = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.concatenate([turns * (gap * unit + half) for gap in _GAPS])


def _lines(point: Numbers, way: Numbers, distances: Numbers, unit: float) -> Numbers:
    """From the edge of the point's own marker to the labels' centres."""
    length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    lines = np.hstack([point + way * (1.5 * _MARKER * unit / length), point + way])
    lines[distances < _LINE_FROM * unit] = np.nan
    return lines


def _overlaps(boxes: Numbers, others: Numbers) -> Numbers:
    """Whether each box touches each of the others, (boxes, others)."""
    one, two = boxes[:, None, :], others[None, :, :]
    apart = (one[..., :2] > two[..., 2:]) | (two[..., :2] > one[..., 2:])
    return np.asarray(~apart.any(axis=-1))


def _crossings(lines: Numbers, boxes: Numbers) -> Numbers:
    """Whether each line meets each box, (lines, boxes); a line of NaN meets none.

    Two convex shapes are apart where a direction exists in which their shadows are: here across,
    upright, and at a right angle to the line.
    """
    start, end = lines[:, None, :2], lines[:, None, 2:]
    middle = (boxes[None, :, :2] + boxes[None, :, 2:]) / 2
    half = (boxes[None, :, 2:] - boxes[None, :, :2]) / 2
    run = end - start
    beside = np.abs((start + end) / 2 - middle) <= np.abs(run) / 2 + half
    way = start - middle
    across = np.abs(way[..., 0] * run[..., 1] - way[..., 1] * run[..., 0])
    reach = half[..., 0] * np.abs(run[..., 1]) + half[..., 1] * np.abs(run[..., 0])
    return np.asarray(beside.all(axis=-1) & (across <= reach))


def _marker(axes: Axes, x: float, y: float, reach: float) -> tuple[float, float, float, float]:
    centre_x, centre_y = axes.transData.transform((x, y))
    reach *= _unit(axes)
    return (centre_x - reach, centre_y - reach, centre_x + reach, centre_y + reach)


def _unit(axes: Axes) -> float:
    """Pixels per point of paper."""
    return axes.figure.dpi / 72
