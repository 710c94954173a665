"""The profile of the best models over the components of the score, a panel per retriever."""

from __future__ import annotations

import seaborn as sns
from matplotlib.lines import Line2D

from modellab.reporting.plots.data import NO_RETRIEVER, PlotData
from modellab.reporting.plots.protocol import Drawn, NothingToShow, Plot
from modellab.reporting.plots.style import family_colours, legend_above, new_figure, panel_grid
from modellab.reporting.plots.words import about, component_label, names_line, short

#: models whose lines can be told apart
MAX_MODELS = 6
_COLUMNS, _HEIGHT = 3, 3.0
_SHAPES = ("o", "s", "D", "^", "v", "P")
_DASHES = ("-", "--", ":", "-.", (0, (8, 2)), (0, (3, 3)))


def draw(data: PlotData) -> Drawn:
    """The components beside each other, without the overall score that sums them up."""
    parts = list(data.components[:-1])
    if len(parts) < 2:
        raise NothingToShow("The score has fewer than two components.")
    systems = data.systems
    models = list(systems["model"].unique())
    shown = systems[systems["model"].isin(models[:MAX_MODELS])]
    long = shown.melt(["model", "retriever"], parts, "component", "score").dropna()
    long["component"] = long["component"].map(component_label)
    of_family = family_colours(systems)
    best = shown.drop_duplicates("model")
    colours = dict(zip(best["model"], best["family"].map(of_family), strict=True))
    retrievers = list(shown["retriever"].unique())
    columns = min(len(retrievers), _COLUMNS)
    width = max(3.4, 0.9 * len(parts)) * columns
    figure = new_figure(max(width, 6.4), _HEIGHT * -(-len(retrievers) // columns) + 1.0)
    legend, grid = panel_grid(figure, len(retrievers), _COLUMNS)
    for axes, retriever in zip(grid, retrievers, strict=True):
        chosen = shown[shown["retriever"] == retriever]
        sns.pointplot(
            data=long[long["retriever"] == retriever],
            x="component",
            y="score",
            hue="model",
            hue_order=models[:MAX_MODELS],
            order=[component_label(one) for one in parts],
            palette=colours,
            markers=list(_SHAPES[: len(models)]),
            linestyles=list(_DASHES[: len(models)]),
            linewidth=1.4,
            markersize=5,
            errorbar=None,
            legend=False,
            ax=axes,
        )
        control = " (control)" * bool(chosen["control"].all())
        name = "own file" if retriever == NO_RETRIEVER else short(retriever, 24)
        axes.set(ylim=(-0.04, 1.04), xlabel="", ylabel="", title=f"{name}{control}")
        axes.tick_params(axis="x", rotation=30 if len(parts) > 3 else 0, labelsize=8)
    handles = [
        Line2D([], [], color=colour, marker=shape, ls=dash, markersize=5, label=short(name))
        for (name, colour), shape, dash in zip(colours.items(), _SHAPES, _DASHES, strict=False)
    ]
    legend_above(legend, handles, figure.get_figwidth() - 1)
    rest = len(models) - MAX_MODELS
    lacking = shown[shown[parts].isna().any(axis=1)]["system"]
    caption = [
        *about(data, shown, labelled=False),
        *[f"Shown: the {MAX_MODELS} best models; {rest} others are not."] * (rest > 0),
        *names_line("Some metrics have no value", lacking),
    ]
    return Drawn(figure, caption)


PLOT = Plot("metric_profile", "Profiles by retriever", draw)
