"""The plots. A new one is a file with a `Plot`, and a line in `PLOTS`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.errors import InputError

if TYPE_CHECKING:
    from modellab.reporting.plots.protocol import Plot


class Registered(NamedTuple):
    """Where a plot is, and what it is drawn from beside the leaderboard (see `data.SOURCES`).

    Without a table that it needs there is no plot; what it uses adds to the plot. `about` names
    what a benchmark must have for the plot to show anything, in the words of `expected_plots`.
    """

    place: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


_STATISTICS = ("statistics",)


def _in_trade_offs(constant: str, *about: str, runs: bool = False) -> Registered:
    sources = ("statistics", *(("runs",) if runs else ()))
    return Registered(f"trade_offs:{constant}", uses=sources, about=about)


#: modules by name, loaded only when drawn: seaborn is slow to import
PLOTS: Mapping[str, Registered] = {
    "overall_ranking": Registered("overall_ranking", uses=_STATISTICS),
    "overall_scores": Registered("overall_scores", uses=("statistics", "comparisons")),
    "score_breakdown": Registered("score_breakdown", uses=_STATISTICS),
    "metric_heatmap": Registered("metric_heatmap"),
    "metric_profile": Registered("metric_profile"),
    "accuracy_by_type": Registered("accuracy_by_type", needs=("questions", "rows")),
    "refusal_rates": Registered("refusal_rates"),
    "size_vs_scores": _in_trade_offs("SIZE_VS_SCORES", "size"),
    "size_vs_latency": _in_trade_offs("SIZE_VS_LATENCY", "size", "time"),
    "size_vs_cost": _in_trade_offs("SIZE_VS_COST", "size", "cost"),
    "size_vs_energy": _in_trade_offs("SIZE_VS_ENERGY", "size", "memory", runs=True),
    "size_score_cost_bubble": _in_trade_offs("BUBBLE", "size"),
    "cost_vs_performance": _in_trade_offs("COST_VS_PERFORMANCE", "cost"),
    "cost_vs_score": _in_trade_offs("COST_VS_SCORE", "cost"),
    "time_vs_score": _in_trade_offs("TIME_VS_SCORE", "time"),
    "agreement_heatmap": Registered("agreement_heatmap", needs=("agreement",), about=("pairs",)),
    "unique_wins": Registered("unique_wins", needs=("rows",), about=("contenders",)),
    "noise_budget": Registered("noise_budget", needs=("noise_budget",)),
    "significance_matrix": Registered(
        "significance_matrix", needs=("comparisons",), about=("contenders",)
    ),
    "error_attribution": Registered(
        "error_attribution", needs=("error_attribution",), about=("oracle",)
    ),
    "retrieval_by_k": Registered("retrieval_by_k", needs=("retrieval",), about=("retrieval",)),
    "latency_distribution": Registered(
        "latency_distribution", needs=("predictions",), about=("time",)
    ),
    "memory_timeline": Registered("memory_timeline", needs=("runs",), about=("memory",)),
    "judge_comparison": Registered("judge_comparison", needs=("judge_scores",), about=("judges",)),
    "calibration": Registered("calibration", needs=("rows", "predictions"), about=("confidence",)),
}

#: what `modellab.reporting.plots.query_log` draws of an analysis of users' questions
QUERY_LOG_PICTURES = ("chunk_use", "topics", "terms", "scores")


def expected_plots(has: Collection[str]) -> tuple[str, ...]:
    """The plots that can show something of a benchmark.

    Args:
        has: what the config says that there will be: `size` (a model with `size_b`), `cost` (a
            model with a price), `time` (answers that are timed), `memory` (a model in the job's
            own process), `confidence`, `judges`, `retrieval` (retrievers that search), `oracle`
            (models asked with the reference passages and with others), `pairs` (two systems),
            `contenders` (two systems that are no controls).
    """
    return tuple(name for name, plot in PLOTS.items() if set(plot.about) <= set(has))


def module_of(name: str) -> str:
    """The module that draws a plot."""
    return f"{__name__}.{PLOTS[name].place.partition(':')[0]}"


def load_plot(name: str) -> Plot:
    """Raises InputError for a name that no plot has."""
    if name not in PLOTS:
        raise InputError(f"plots: {name!r} is not one (known: {', '.join(PLOTS)})")
    constant = PLOTS[name].place.partition(":")[2] or "PLOT"
    plot: Plot = getattr(import_module(module_of(name)), constant)
    return plot
