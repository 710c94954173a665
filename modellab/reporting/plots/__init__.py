"""The plots. A new one is a function with the decorator `plot`, and a line in `_BUILTIN`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.registry import Family

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from modellab.reporting.plots.data import PlotData


@dataclass(frozen=True)
class Drawn:
    """A figure without title and caption, and the lines of its caption.

    The caption names the data and everything that is left out; empty lines are skipped. `finish` is
    called when the layout is final, for labels that are placed by their size on paper.
    """

    figure: Figure
    caption: Sequence[str]
    finish: Sequence[Callable[[], None]] = ()


@dataclass(frozen=True)
class Plot:
    """One plot. `name` is its file name.

    `draw` is called in the shared style, with at least one system and all tables that the plot
    needs; it raises NothingToShow if they hold nothing to draw. `needs` and `uses` name the tables
    of a plot of another package; those of our own are in `_BUILTIN`.
    """

    name: str
    title: str
    draw: Callable[[PlotData], Drawn]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


class NothingToShow(Exception):  # noqa: N818 - no error: the plot is left out
    """Why there is nothing to see, as a sentence."""


def plot(
    title: str, needs: tuple[str, ...] = (), uses: tuple[str, ...] = ()
) -> Callable[[Callable[[PlotData], Drawn]], Plot]:
    """Make a function the plot of its name; see `Plot`."""
    return lambda draw: Plot(draw.__name__, title, draw, needs, uses)


class PlotSources(NamedTuple):
    """The tables of a plot besides the leaderboard, by the names of `PlotData`.

    Without a table in `needs` there is no plot; those in `uses` are optional. `about` lists what a
    benchmark must have for the plot to show anything (see `expected_plots`).
    """

    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


_INTERVALS = ("statistics",)
_WINS = ("unique_wins", "questions_by_difficulty")
#: module and sources by name; here, because the modules import Matplotlib, which is slow
_BUILTIN: Mapping[str, tuple[str, PlotSources]] = {
    "overall_ranking": ("bars", PlotSources(uses=_INTERVALS)),
    "overall_scores": ("bars", PlotSources(uses=_INTERVALS)),
    "score_breakdown": ("bars", PlotSources(uses=_INTERVALS)),
    "metric_heatmap": ("heatmaps", PlotSources()),
    "metric_profile": ("lines", PlotSources()),
    "accuracy_by_type": ("heatmaps", PlotSources(("questions", "rows"))),
    "refusal_rates": ("bars", PlotSources(about=("answers",))),
    "size_vs_scores": ("trade_offs", PlotSources((), _INTERVALS, ("size",))),
    "size_vs_latency": ("trade_offs", PlotSources(about=("size", "time"))),
    "size_vs_cost": ("trade_offs", PlotSources(about=("size", "cost"))),
    "size_vs_energy": ("trade_offs", PlotSources(("runs",), about=("size", "memory"))),
    "size_score_cost_bubble": ("trade_offs", PlotSources((), _INTERVALS, ("size",))),
    "cost_vs_performance": ("trade_offs", PlotSources((), _INTERVALS, ("cost",))),
    "cost_vs_score": ("trade_offs", PlotSources((), _INTERVALS, ("cost",))),
    "time_vs_score": ("trade_offs", PlotSources((), _INTERVALS, ("time",))),
    "agreement_heatmap": ("heatmaps", PlotSources(("agreement",), about=("answers", "pairs"))),
    "unique_wins": ("bars", PlotSources(_WINS, about=("answers", "contenders"))),
    "noise_budget": ("bars", PlotSources(("noise_budget",))),
    "significance_matrix": ("heatmaps", PlotSources(("comparisons",), (), ("contenders",))),
    "error_attribution": ("bars", PlotSources(("error_attribution",), (), ("oracle",))),
    "retrieval_by_k": ("lines", PlotSources(("retrieval",), about=("retrieval",))),
    "latency_distribution": ("bars", PlotSources(("predictions",), about=("time",))),
    "memory_timeline": ("lines", PlotSources(("runs",), about=("memory",))),
    "judge_comparison": ("heatmaps", PlotSources(("judge_scores",), about=("judges",))),
    "confusion_matrix": (
        "heatmaps",
        PlotSources(("confusion", "label_agreement"), about=("labels",)),
    ),
    "calibration": ("lines", PlotSources(("rows", "predictions"), about=("confidence",))),
}

PLOTS: Family[Plot] = Family(
    "plot",
    "modellab.plots",
    Plot,
    {name: f"{__name__}.{module}:{name}" for name, (module, _) in _BUILTIN.items()},
)

#: the pictures of a query log, drawn by `modellab.reporting.plots.query_log`
QUERY_LOG_PICTURES = ("chunk_use", "topics", "terms", "scores")


def sources_of(name: str) -> PlotSources:
    """The tables of a plot; those of a plot of another package are in its `Plot`."""
    if name in _BUILTIN:
        return _BUILTIN[name][1]
    added = PLOTS.load(name)
    return PlotSources(added.needs, added.uses)


def expected_plots(has: Collection[str]) -> tuple[str, ...]:
    """The plots that can show something of a benchmark.

    Args:
        has: what the config announces: `answers` (models answer; not only retrievers are
            compared), `size` (a model with `size_b`), `cost` (a model behind an API), `time`
            (timed answers), `memory` (a model in the job's own process), `confidence`, `judges`,
            `retrieval` (retrievers that search), `oracle` (a model with the reference passages
            and with others), `pairs` (two systems), `contenders` (two systems that are no
            controls), `labels` (the task is to label).
    """
    return tuple(name for name in PLOTS if set(sources_of(name).about) <= set(has))
