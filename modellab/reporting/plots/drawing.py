"""Drawing plots into files: PNG for slides, SVG for the page, PDF for papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from modellab.core.io.atomic import atomic_file
from modellab.core.io.jsonl import write_json
from modellab.reporting.plots import PLOTS, Drawn, NothingToShow, Plot, sources_of
from modellab.reporting.plots.data import PlotData, read_plot_data
from modellab.reporting.plots.style import add_frame, fix_layout, new_figure, shared_style
from modellab.reporting.plots.words import listed

PNG_DPI = 150
#: the largest side of a picture that the canvas can draw
_MAX_PIXELS = 2**16 - 1
#: canvas, method and metadata to leave out: the same data give the same bytes
_FORMATS: Mapping[str, tuple[Any, str, tuple[str, ...]]] = {
    ".png": (FigureCanvasAgg, "print_png", ("Software",)),
    ".svg": (FigureCanvasSVG, "print_svg", ("Date", "Creator")),
    ".pdf": (FigureCanvasPdf, "print_pdf", ("CreationDate", "Creator", "Producer")),
}
FORMATS = tuple(_FORMATS)
INDEX = "index.json"


def draw_dataset(
    dataset: str,
    sources: Mapping[str, Sequence[Path]],
    png: Sequence[Path],
    svg: Sequence[Path],
    pdf: Sequence[Path],
    index: Path | None = None,
) -> None:
    """Draw the plots that pictures are named after; `sources` and `index` as in `draw_plots`."""
    draw_plots(read_plot_data(dataset, sources), by_plot(png, svg, pdf), index)


def by_plot(*formats: Sequence[Path]) -> dict[str, Sequence[Path]]:
    """Files of pictures in several formats, in the same order, by the name of the plot."""
    return {files[0].stem: files for files in zip(*formats, strict=True)}


def draw_plots(
    data: PlotData, files: Mapping[str, Sequence[Path]], index: Path | None = None
) -> None:
    """Draw the named plots, each once and into all its files (.png, .svg, .pdf).

    A plot without data is a picture with the reason.

    Args:
        data: read once for all plots.
        files: the files to write by the names of plots.
        index: where to write the title and caption of each plot that shows something, and the
            reason of the others, by name.
    """
    shown, empty = {}, {}
    for name, paths in files.items():
        plot = PLOTS.load(name)
        with shared_style():
            try:
                figure, caption = figure_of(plot, data)
                shown[name] = {"title": plot.title, "caption": caption}
            except NothingToShow as nothing:
                empty[name] = str(nothing)
                figure, _ = finished(plot.title, empty_plot(str(nothing)))
            write_figure(figure, paths)
    if index is not None:
        write_json(index, {"shown": shown, "nothing_to_show": empty})


def figure_of(plot: Plot, data: PlotData) -> tuple[Figure, list[str]]:
    """The finished plot and its caption. Raises NothingToShow if a table that it needs is empty."""
    if data.systems.empty:
        raise NothingToShow("No model has been scored.")
    for name in sources_of(plot.name).needs:
        if data.table(name).empty:
            raise NothingToShow(f"The dataset has no {name.replace('_', ' ')}.")
    drawn = plot.draw(data)
    if not data.partial:
        return finished(plot.title, drawn)
    first = f"Partial: without {listed(data.partial)} (no predictions)."
    made = Drawn(drawn.figure, [first, *drawn.caption], drawn.finish)
    return finished(f"{plot.title} (PARTIAL)", made)


def finished(title: str, drawn: Drawn) -> tuple[Figure, list[str]]:
    """The figure with title, caption and final layout; and the caption without empty lines."""
    caption = [line for line in drawn.caption if line]
    add_frame(drawn.figure, title, caption)
    fix_layout(drawn.figure)
    for step in drawn.finish:
        step()
    return drawn.figure, caption


def empty_plot(reason: str) -> Drawn:
    """An empty picture with the reason as its caption."""
    figure = new_figure(8.0, 1.0)
    figure.subplots().set_axis_off()
    return Drawn(figure, [f"Nothing to show: {reason}"])


def write_figure(figure: Figure, files: Sequence[Path]) -> None:
    """Write a figure in the formats of the suffixes; all are drawn before one is written."""
    pictures = {path: picture(figure, path.suffix) for path in files}
    for path, content in pictures.items():
        with atomic_file(path) as handle:
            # the handle is a text file over a binary one, and pictures are binary
            handle.buffer.write(content)


def picture(figure: Figure, suffix: str) -> bytes:
    """The figure in a format of `FORMATS`, without dates and versions of the library.

    The canvas itself draws it: `savefig` would solve the layout again.
    """
    canvas, method, left_out = _FORMATS[suffix]
    figure.set_dpi(min(PNG_DPI, _MAX_PIXELS / max(figure.get_size_inches())))
    target = BytesIO()
    getattr(canvas(figure), method)(target, metadata=dict.fromkeys(left_out))
    return target.getvalue()
