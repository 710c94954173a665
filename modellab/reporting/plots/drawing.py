"""Drawing plots into their files: pixels, and lines for the page and for papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fontTools import subset  # type: ignore[import-untyped]
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import write_json
from modellab.reporting.plots import PLOTS, sources_of
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import frame, new_figure, settle, shared_style
from modellab.reporting.plots.words import listed

PNG_DPI = 150
#: pixels that a side of a picture can have
_MAX_PIXELS = 2**16 - 1
FORMATS = (".png", ".svg", ".pdf")
INDEX = "index.json"
#: tables of a font that lay text out, which Matplotlib has done; cutting them down takes longer
#: than drawing the plot
_LAYOUT_TABLES = ("GSUB", "GPOS", "GDEF", "kern")


def draw_plots(
    data: PlotData, files: Mapping[str, Sequence[Path]], index: Path | None = None
) -> None:
    """Draw the named plots, each once and into its files (.png, .svg, .pdf).

    The same data give the same bytes. A plot without data is a picture that says why.

    Args:
        data: read once for all plots.
        files: by the names of plots, the files to write.
        index: where to write, by name, `title` and `caption` of each plot that shows something,
            and the reason of those that do not.
    """
    shown, empty = {}, {}
    for name, paths in files.items():
        plot = PLOTS.load(name)
        with shared_style():
            try:
                figure, caption = figure_of(plot, data)
                shown[name] = {"title": plot.title, "caption": list(caption)}
            except NothingToShow as nothing:
                figure, empty[name] = _empty(plot.title, str(nothing)), str(nothing)
            write_figure(figure, paths)
    if index is not None:
        write_json(index, {"shown": shown, "nothing_to_show": empty})


def figure_of(plot: Plot, data: PlotData) -> tuple[Figure, Sequence[str]]:
    """The finished plot and its caption. Raises NothingToShow where its data are not there."""
    if data.systems.empty:
        raise NothingToShow("No model has been scored.")
    for name in sources_of(plot.name).needs:
        if data.table(name).empty:
            raise NothingToShow(f"The dataset has no {name.replace('_', ' ')}.")
    drawn = plot.draw(data)
    title, caption = plot.title, list(drawn.caption)
    if data.partial:
        title += " (PARTIAL)"
        caption[:0] = [f"Partial: without {listed(data.partial)} (no predictions)."]
    return finished(title, Drawn(drawn.figure, caption, drawn.finish)), caption


def finished(title: str, drawn: Drawn) -> Figure:
    """The figure with title and caption, laid out for good."""
    frame(drawn.figure, title, drawn.caption)
    settle(drawn.figure)
    for step in drawn.finish:
        step()
    return drawn.figure


def write_figure(figure: Figure, files: Sequence[Path]) -> None:
    """Write a figure in the formats that names end in; all are drawn before one is written."""
    pictures = {path: _WRITERS[path.suffix](figure) for path in files}
    for path, picture in pictures.items():
        with atomic_file(path) as handle:
            # the handle is a text file over a binary one, and pictures are binary
            handle.buffer.write(picture)


def _empty(title: str, reason: str) -> Figure:
    figure = new_figure(8.0, 1.0)
    axes = figure.subplots()
    axes.set_axis_off()
    return finished(title, Drawn(figure, [f"Nothing to show: {reason}"]))


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
    with patch.object(subset, "load_font", _font_without_layout):
        FigureCanvasPdf(figure).print_pdf(  # type: ignore[no-untyped-call]
            target, metadata={"CreationDate": None, "Creator": None, "Producer": None}
        )
    return target.getvalue()


def _font_without_layout(
    file: Any, options: Any, load: Callable[..., Any] = subset.load_font
) -> Any:
    font = load(file, options)
    for table in _LAYOUT_TABLES:
        if table in font:
            del font[table]
    return font


_WRITERS: Mapping[str, Callable[[Figure], bytes]] = {".png": _png, ".svg": _svg, ".pdf": _pdf}
