"""The shared look of all plots: theme, colours, title, caption, legend, panels and scales."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from modellab.reporting.plots.font import font_family

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

INK, MUTED, GREY = "#222222", "#5f5f5f", "#8a8a8a"
DASHED = (0, (4, 3))
TEXT_SIZE = 9.0
#: inches of one letter of TEXT_SIZE, a little more than the average, and of one line
LETTER_WIDTH, LINE_HEIGHT = 0.075, 0.155
#: seaborn's colours for colour-blind readers; its grey is for everything without a colour
PALETTE = (
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#ece133", "#56b4e9"),
)
#: a scale is logarithmic if its largest value is more than this times its smallest
_SPREAD = 30.0

#: seaborn's theme as Matplotlib ships it: importing seaborn takes a third of a simple plot's time
_THEME = ("seaborn-v0_8-whitegrid", "seaborn-v0_8-paper")
_SETTINGS: dict[str, Any] = {
    **dict.fromkeys(("font.size", "axes.labelsize", "legend.fontsize"), TEXT_SIZE),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize"), TEXT_SIZE),
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#b0b0b0",
    "grid.color": "#e3e3e3",
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.8,
    "lines.markeredgewidth": 1.0,
    "patch.linewidth": 0.8,
    "patch.edgecolor": "white",
    "patch.force_edgecolor": True,
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    "text.parse_math": False,  # a "$" in a name is a "$"
    "svg.hashsalt": "modellab",  # ids in the file are random without it
    "pdf.fonttype": 42,  # TrueType: publishers refuse the default, Type 3
    "figure.dpi": 100.0,
}


@contextmanager
def shared_style() -> Iterator[None]:
    """Draw and write plots in the shared style; the caller's settings are restored afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.style.use([*_THEME, _SETTINGS, {"font.family": font_family()}])
        yield


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """A colour per name in the order given, beyond nine from a wheel; `other` is grey."""
    own = [name for name in dict.fromkeys(names) if name != "other"]
    wheel: Sequence[str] = PALETTE
    if len(own) > len(PALETTE):
        import seaborn as sns

        wheel = sns.color_palette("husl", len(own)).as_hex()
    return {**dict(zip(own, wheel, strict=False)), "other": GREY}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure with a constrained layout. Width and height are in inches."""
    return Figure((width, height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))


def panel_grid(
    panels: int,
    columns: int,
    width: float,
    height: float,
    widths: Sequence[float] | None = None,
) -> tuple[Figure, Axes, list[Axes]]:
    """A figure of panels, row by row, below empty axes for a legend.

    Args:
        panels: their number.
        columns: the most in a row.
        width: inches of a panel; the figure has room for a caption, also with one panel.
        height: likewise.
        widths: of the columns, if they differ.
    """
    columns = min(panels, columns)
    rows = math.ceil(panels / columns)
    figure = new_figure(max(width * columns, 6.4), height * rows + 0.9)
    heights = [0.01, *[1.0] * rows]
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=heights, width_ratios=widths)
    legend = figure.add_subplot(grid[0, :])
    legend.set_axis_off()
    places = [grid[1 + number // columns, number % columns] for number in range(panels)]
    return figure, legend, [figure.add_subplot(place) for place in places]


def add_frame(figure: Figure, title: str, caption: Sequence[str]) -> None:
    """Put the title above and the caption below; the figure grows by the caption's lines."""
    letters = int((figure.get_figwidth() - 0.2) / LETTER_WIDTH)
    figure.suptitle(
        textwrap.fill(title, int(letters / 1.6)), x=0.01, ha="left", fontsize=13, fontweight="bold"
    )
    lines = [
        part for line in caption for part in textwrap.wrap(line, letters, break_on_hyphens=False)
    ]
    figure.set_figheight(figure.get_figheight() + LINE_HEIGHT * len(lines))
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=TEXT_SIZE, color=MUTED)


def fix_layout(figure: Figure) -> None:
    """Solve the layout once; rounded, so that it is the same in every run."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = axes.get_position(original=True).bounds
        axes.set_position((round(left, 6), round(bottom, 6), round(width, 6), round(height, 6)))


def legend_above(axes: Axes, handles: Sequence[Artist], width: float | None = None) -> None:
    """A legend above the axes; the figure grows by its lines.

    It has as many columns as fit in `width` inches, by default of the whole figure.
    """
    if not handles:
        return
    figure = axes.get_figure(root=True)
    assert figure is not None
    width = width or figure.get_figwidth() - 1
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = min(max(int(width / (longest * LETTER_WIDTH + 0.5)), 1), len(handles))
    figure.set_figheight(figure.get_figheight() + 0.2 * math.ceil(len(handles) / columns))
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=axes.transAxes,
        ncols=columns,
        borderpad=0.2,
        borderaxespad=2.2 if axes.xaxis.get_tick_params().get("labeltop") else 0.3,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.4,
    )


def scale(axes: Axes, which: str, values: pd.Series[float], label: str, log: bool = False) -> None:
    """Limits, ticks and label of an axis (`x` or `y`) for quantities.

    Logarithmic if asked, or if the values span a wide range above 0; the label then says so.
    Otherwise from 0. Ticks are not rounded.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = float(values.min()), float(values.max())
    if low > 0 and (log or high / low > _SPREAD):
        room = max(1.7, (high / low) ** 0.06)
        axes.set(**{f"{which}scale": "log", f"{which}lim": (low / room, high * room)})
        steps = (1.0, 2.0, 5.0) if high / low < 1000 else (1.0,)
        axis.set_major_locator(LogLocator(subs=steps, numticks=20))
        axis.set_minor_formatter(NullFormatter())
        label += " (log scale)"
    else:
        limits = (min(0.0, low) - 0.04 * (high or 1.0), 1.08 * high or 1.0)
        axes.set(**{f"{which}lim": limits})
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_label_text(label)
