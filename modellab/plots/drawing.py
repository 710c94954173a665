"""Drawing a plot into its two files."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.plots.protocol import Plot
from modellab.plots.style import settle, shared_style
from modellab.records import ModelScores
from modellab.storage.atomic import atomic_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_DPI = 150


def write_plot(plot: Plot, models: Sequence[ModelScores], png: Path, svg: Path) -> None:
    """Draw the plot and write both files; the same models give the same bytes.

    Both pictures are finished before the first file is written.
    """
    with shared_style():
        figure = plot.draw(models)
        settle(figure)
        pictures = {png: _picture(figure, "png"), svg: _picture(figure, "svg")}
    for path, picture in pictures.items():
        _write(path, picture)


def _picture(figure: Figure, kind: str) -> bytes:
    """The figure as bytes, without the date and the version of the drawing library."""
    target = BytesIO()
    nameless = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    figure.savefig(target, format=kind, dpi=PNG_DPI, metadata=nameless)
    return target.getvalue()


def _write(path: Path, picture: bytes) -> None:
    with atomic_file(path) as handle:
        # the handle is a text file over a binary one, and pictures are binary
        handle.buffer.write(picture)
