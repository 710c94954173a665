"""Plots on the page: files of its folder `pictures`, so that a copy of the folder is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modellab.reporting.page.blocks import Picture
from modellab.reporting.page.results import DatasetResults

#: lines that are still distinguishable
MOST_LINES = 8
#: a trade-off with its front, the first that was drawn
OF_ANSWER = ("cost_vs_score", "time_vs_score", "overall_scores", "overall_ranking")
OF_RETRIEVAL = ("error_attribution", "retrieval_by_k")
OF_LABELS = ("confusion_matrix",)


def pictures(results: DatasetResults, names: Sequence[str]) -> list[Picture]:
    """The named plots that show something."""
    return [
        Picture(plot.title, f"{name}.svg", plot.path, plot.caption)
        for name in names
        if (plot := results.plots.get(name))
    ]


def first_picture(results: DatasetResults) -> list[Picture]:
    """The plot of the first tab: score against what it costs."""
    return pictures(results, OF_ANSWER)[:1]


def other_pictures(results: DatasetResults) -> list[Picture]:
    """The plots that no other tab shows."""
    taken = {
        *OF_RETRIEVAL,
        *OF_LABELS,
        *(one.file.removesuffix(".svg") for one in first_picture(results)),
    }
    return pictures(results, [name for name in results.plots if name not in taken])


def lines_over_runs(
    labels: Sequence[str], lines: Mapping[str, Sequence[float | None]], what: str
) -> bytes:
    """A line per system over runs as SVG; the same values give the same bytes.

    Args:
        labels: The runs, from left to right.
        lines: By system, a value per run; None where it was not in that run.
        what: The label of the axis of values.
    """
    import pandas as pd
    import seaborn as sns

    from modellab.reporting.plots.drawing import picture
    from modellab.reporting.plots.style import new_figure, shared_style

    rows = [
        (label, system, value)
        for system, values in list(lines.items())[:MOST_LINES]
        for label, value in zip(labels, values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["run", "system", what])
    with shared_style():
        figure = new_figure(9.0, 3.8)
        axes = figure.subplots()
        sns.lineplot(
            frame,
            x="run",
            y=what,
            hue="system",
            style="system",
            markers=True,
            dashes=False,
            ax=axes,
        )
        sns.move_legend(axes, "center left", bbox_to_anchor=(1.0, 0.5), title=None)
        axes.tick_params(axis="x", rotation=30)
        axes.set_xlabel("")
        return picture(figure, ".svg")
