"""Drawing a plot into its files: pixels, and lines for the page and for papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG

from modellab.core.io.atomic import atomic_file
from modellab.evaluation.compare.entries import components_of
from modellab.reporting.plots.data import TABLES, PlotData
from modellab.reporting.plots.empty import empty_figure
from modellab.reporting.plots.labels import source_line
from modellab.reporting.plots.protocol import NothingToShow, Plot
from modellab.reporting.plots.style import mark_partial, settle, shared_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_DPI = 150
#: pixels that a side of a picture can have
_MAX_PIXELS = 2**16 - 1


def write_plot(
    plot: Plot,
    data: PlotData,
    files: Sequence[Path],
    needs: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> None:
    """Draw the plot once and write its files (.png, .svg, .pdf); same data, same bytes.

    `needs` are the sources without which there is nothing to draw; `missing` are models that should
    be there: title and caption say so.
    """
    with shared_style():
        figure = figure_of(plot, data, needs)
        mark_partial(figure, missing)
        write_figure(figure, files)


def write_figure(figure: Figure, files: Sequence[Path]) -> None:
    """Write a figure in the formats that names end in; all are drawn before one is written."""
    settle(figure)
    pictures = {path: _FORMATS[path.suffix](figure) for path in files}
    for path, picture in pictures.items():
        _write(path, picture)


def figure_of(plot: Plot, data: PlotData, needs: Sequence[str] = ()) -> Figure:
    """The plot, or a picture that says why there is nothing to see.

    Raises InputError for models that must not be compared.
    """
    if not any(model.summaries for model in data.models):
        return empty_figure(plot.title, "No model has been scored, so there is nothing to show.")
    components_of(data.models)
    missing = [name for name in needs if name in TABLES and not data.table(name)]
    try:
        if missing:
            raise NothingToShow(_MISSING.format(missing[0].replace("_", " ")))
        return plot.draw(data)
    except NothingToShow as nothing:
        caption = [source_line(data.models), *nothing.caption]
        return empty_figure(plot.title, nothing.reason, caption)


_MISSING = "There are no numbers on {} for this dataset, so there is nothing to show."


def _png(figure: Figure) -> bytes:
    """The figure in pixels, without the version of the drawing library.

    Drawn by the canvas itself: `savefig` would draw it twice, for a layout that is settled.
    """
    target = BytesIO()
    figure.set_dpi(min(PNG_DPI, _MAX_PIXELS / max(figure.get_size_inches())))
    FigureCanvasAgg(figure).print_png(  # type: ignore[no-untyped-call]
        target, metadata={"Software": None}
    )
    return target.getvalue()


def _svg(figure: Figure) -> bytes:
    """The figure in lines, without the date and the drawing library; drawn once, as above."""
    target = BytesIO()
    FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
        target, metadata={"Date": None, "Creator": None}
    )
    return target.getvalue()


def _pdf(figure: Figure) -> bytes:
    """The figure on a page of its own size, fonts embedded, without the date and the library."""
    target = BytesIO()
    FigureCanvasPdf(figure).print_pdf(  # type: ignore[no-untyped-call]
        target, metadata={"CreationDate": None, "Creator": None, "Producer": None}
    )
    return target.getvalue()


_FORMATS: Mapping[str, Callable[[Figure], bytes]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}


def _write(path: Path, picture: bytes) -> None:
    with atomic_file(path) as handle:
        # the handle is a text file over a binary one, and pictures are binary
        handle.buffer.write(picture)
