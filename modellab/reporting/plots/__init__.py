"""The plots. A new one is a file with a `Plot`, and a line in `_BUILTIN`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from modellab.core.registry import Family
from modellab.reporting.plots.protocol import Plot


class Sources(NamedTuple):
    """What a plot is drawn from beside the leaderboard (see `data.SOURCES`).

    Without a table that it needs there is no plot; what it uses adds to the plot. `about` names
    what a benchmark must have for the plot to show anything, in the words of `expected_plots`.
    """

    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


_INTERVALS = ("statistics",)
#: by name the module, its constant where that is not PLOT, and what it is drawn from; here, so
#: that nothing that draws has to be imported to know it: seaborn is slow to import
_BUILTIN: Mapping[str, tuple[str, Sources]] = {
    "overall_ranking": ("overall_ranking", Sources(uses=_INTERVALS)),
    "overall_scores": ("overall_scores", Sources(uses=("statistics", "comparisons"))),
    "score_breakdown": ("score_breakdown", Sources(uses=_INTERVALS)),
    "metric_heatmap": ("metric_heatmap", Sources()),
    "metric_profile": ("metric_profile", Sources()),
    "accuracy_by_type": ("accuracy_by_type", Sources(("questions", "rows"))),
    "refusal_rates": ("refusal_rates", Sources(about=("answers",))),
    "size_vs_scores": ("trade_offs:SIZE_VS_SCORES", Sources((), _INTERVALS, ("size",))),
    "size_vs_latency": ("trade_offs:SIZE_VS_LATENCY", Sources(about=("size", "time"))),
    "size_vs_cost": ("trade_offs:SIZE_VS_COST", Sources(about=("size", "cost"))),
    "size_vs_energy": ("trade_offs:SIZE_VS_ENERGY", Sources(("runs",), about=("size", "memory"))),
    "size_score_cost_bubble": ("trade_offs:BUBBLE", Sources((), _INTERVALS, ("size",))),
    "cost_vs_performance": ("trade_offs:COST_VS_PERFORMANCE", Sources((), _INTERVALS, ("cost",))),
    "cost_vs_score": ("trade_offs:COST_VS_SCORE", Sources((), _INTERVALS, ("cost",))),
    "time_vs_score": ("trade_offs:TIME_VS_SCORE", Sources((), _INTERVALS, ("time",))),
    "agreement_heatmap": ("agreement_heatmap", Sources(("agreement",), about=("answers", "pairs"))),
    "unique_wins": ("unique_wins", Sources(("rows",), about=("answers", "contenders"))),
    "noise_budget": ("noise_budget", Sources(("noise_budget",))),
    "significance_matrix": ("significance_matrix", Sources(("comparisons",), (), ("contenders",))),
    "error_attribution": ("error_attribution", Sources(("error_attribution",), (), ("oracle",))),
    "retrieval_by_k": ("retrieval_by_k", Sources(("retrieval",), about=("retrieval",))),
    "latency_distribution": ("latency_distribution", Sources(("predictions",), about=("time",))),
    "memory_timeline": ("memory_timeline", Sources(("runs",), about=("memory",))),
    "judge_comparison": ("judge_comparison", Sources(("judge_scores",), about=("judges",))),
    "confusion_matrix": (
        "confusion_matrix",
        Sources(("confusion", "label_agreement"), about=("labels",)),
    ),
    "calibration": ("calibration", Sources(("rows", "predictions"), about=("confidence",))),
}

PLOTS: Family[Plot] = Family(
    "plot",
    "modellab.plots",
    Plot,
    {
        name: f"{__name__}.{place if ':' in place else f'{place}:PLOT'}"
        for name, (place, _) in _BUILTIN.items()
    },
)

#: what `modellab.reporting.plots.query_log` draws of an analysis of users' questions
QUERY_LOG_PICTURES = ("chunk_use", "topics", "terms", "scores")


def sources_of(name: str) -> Sources:
    """What a plot is drawn from; of a plot of another package, what its `Plot` says."""
    if name in _BUILTIN:
        return _BUILTIN[name][1]
    plot = PLOTS.load(name)
    return Sources(plot.needs, plot.uses)


def expected_plots(has: Collection[str]) -> tuple[str, ...]:
    """The plots that can show something of a benchmark.

    Args:
        has: what the config says that there will be: `answers` (models answer, and not only
            retrievers are compared), `size` (a model with `size_b`), `cost` (a
            model behind an API), `time` (answers that are timed), `memory` (a model in the job's
            own process), `confidence`, `judges`, `retrieval` (retrievers that search), `oracle`
            (a model asked with the reference passages and with others), `pairs` (two systems),
            `contenders` (two systems that are no controls), `labels` (the task is to label).
    """
    return tuple(name for name in PLOTS if set(sources_of(name).about) <= set(has))
