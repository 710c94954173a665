"""The plots. A new one is a file with a `PLOT`, and a line in `PLOTS`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.errors import InputError

if TYPE_CHECKING:
    from modellab.reporting.plots.protocol import Plot


class Registered(NamedTuple):
    """Where a plot is, and what it is drawn from beside the scores (see `data`).

    Without a table that it needs the picture only says so; what it uses adds to the picture.
    """

    module: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


#: modules by name, loaded only when drawn: matplotlib is slow to import
PLOTS: Mapping[str, Registered] = {
    "overall_ranking": Registered("modellab.reporting.plots.overall_ranking", uses=("statistics",)),
    "overall_scores": Registered(
        "modellab.reporting.plots.overall_scores", uses=("statistics", "comparisons")
    ),
    "score_breakdown": Registered("modellab.reporting.plots.score_breakdown", uses=("statistics",)),
    "metric_heatmap": Registered("modellab.reporting.plots.metric_heatmap"),
    "metric_profile": Registered("modellab.reporting.plots.metric_profile"),
    "accuracy_by_type": Registered(
        "modellab.reporting.plots.accuracy_by_type", needs=("questions", "rows")
    ),
    "refusal_rates": Registered("modellab.reporting.plots.refusal_rates"),
    "size_vs_scores": Registered("modellab.reporting.plots.size_vs_scores", uses=("statistics",)),
    "size_vs_latency": Registered("modellab.reporting.plots.size_vs_latency"),
    "size_vs_cost": Registered("modellab.reporting.plots.size_vs_cost"),
    "size_vs_energy": Registered("modellab.reporting.plots.size_vs_energy", needs=("runs",)),
    "size_score_cost_bubble": Registered(
        "modellab.reporting.plots.size_score_cost_bubble", uses=("statistics",)
    ),
    "cost_vs_performance": Registered(
        "modellab.reporting.plots.cost_vs_performance", uses=("statistics",)
    ),
    "cost_vs_score": Registered("modellab.reporting.plots.cost_vs_score", uses=("statistics",)),
    "agreement_heatmap": Registered(
        "modellab.reporting.plots.agreement_heatmap", needs=("agreement",)
    ),
    "unique_wins": Registered("modellab.reporting.plots.unique_wins", needs=("questions", "rows")),
    "noise_budget": Registered("modellab.reporting.plots.noise_budget", needs=("noise_budget",)),
    "significance_matrix": Registered(
        "modellab.reporting.plots.significance_matrix", needs=("comparisons",)
    ),
    "error_attribution": Registered(
        "modellab.reporting.plots.error_attribution", needs=("error_attribution",)
    ),
    "retrieval_by_k": Registered("modellab.reporting.plots.retrieval_by_k", needs=("retrieval",)),
    "latency_distribution": Registered(
        "modellab.reporting.plots.latency_distribution", needs=("predictions",)
    ),
    "memory_timeline": Registered("modellab.reporting.plots.memory_timeline", needs=("runs",)),
    "judge_comparison": Registered(
        "modellab.reporting.plots.judge_comparison", needs=("judge_scores",)
    ),
    "calibration": Registered(
        "modellab.reporting.plots.calibration", needs=("rows", "predictions")
    ),
}

#: what `modellab.reporting.plots.query_log` draws of an analysis of users' questions
QUERY_LOG_PICTURES = ("chunk_use", "topics", "terms", "scores")


def load_plot(name: str) -> Plot:
    """Raises InputError for a name that no plot has."""
    if name not in PLOTS:
        raise InputError(f"plots: {name!r} is not one (known: {', '.join(PLOTS)})")
    plot: Plot = import_module(PLOTS[name].module).PLOT
    return plot
