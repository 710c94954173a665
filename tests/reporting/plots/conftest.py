from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from made_up_results import made_up
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from modellab.core.records import ModelScores
from modellab.reporting.plots import PLOTS, load_plot
from modellab.reporting.plots.data import PlotData
from modellab.reporting.plots.drawing import PNG_DPI, figure_of
from modellab.reporting.plots.style import settle, shared_style


def with_score(models: list[ModelScores], component: str, value: float | None) -> list[ModelScores]:
    """The models, the first of which has `value` for the component with its first retriever."""
    first, summary = models[0], models[0].summaries[0]
    metric = replace(summary.metrics[component], value=value, n_scored=0)
    changed = replace(summary, metrics={**summary.metrics, component: metric})
    return [replace(first, summaries=(changed, *first.summaries[1:])), *models[1:]]


@pytest.fixture
def models() -> Callable[..., list[ModelScores]]:
    """Score summaries of so many models, and nothing else."""
    return lambda count, retrievers=3: list(made_up(count, retrievers=retrievers).models)


@pytest.fixture
def rescored() -> Callable[..., list[ModelScores]]:
    return with_score


@pytest.fixture
def drawn() -> Iterator[Callable[[str, PlotData | Sequence[ModelScores]], Figure]]:
    """Draw a plot by its name, and lay it out as it is written: in the shared style."""

    def draw(name: str, given: PlotData | Sequence[ModelScores]) -> Figure:
        data = given if isinstance(given, PlotData) else PlotData(models=tuple(given))
        figure = figure_of(load_plot(name), data, PLOTS[name].needs)
        settle(figure)
        figure.set_dpi(PNG_DPI)
        FigureCanvasAgg(figure).draw()
        return figure

    with shared_style():
        yield draw
