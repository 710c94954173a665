from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

import pandas as pd
import pytest
from made_up_results import DATASET, Results, made_up
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from modellab.core.records import ModelScores
from modellab.reporting.plots import PLOTS, drawing
from modellab.reporting.plots.data import PlotData, numbers_of, run_frame, with_systems
from modellab.reporting.plots.drawing import PNG_DPI, figure_of
from modellab.reporting.plots.style import add_frame, shared_style
from modellab.reporting.tables.leaderboard import leaderboard_frame


def plot_data(results: Results) -> PlotData:
    """The results as plots read them."""
    questions = [{"question_id": q.id, "tags": q.tags} for q in results.questions]
    models = [model for model in results.models if model.summaries]
    sources = {
        "leaderboard": lambda: frame(leaderboard_frame(models) if models else []),
        "questions": lambda: pd.DataFrame(questions, columns=["question_id", "tags"]),
        "rows": lambda: _of_models(results.rows),
        "predictions": lambda: _of_models(results.predictions),
        "runs": lambda: run_frame(results.runs),
        **{name: lambda rows=rows: frame(rows) for name, rows in results.tables.items()},
    }
    return PlotData(DATASET, sources)


def frame(rows):
    texts = pd.DataFrame(rows, dtype=object)
    return numbers_of(texts.map(lambda cell: "" if pd.isna(cell) else str(cell)))


def _of_models(rows):
    every = chain.from_iterable(
        ({"model": name, **row} for row in found) for name, found in rows.items()
    )
    found = pd.DataFrame(list(every))
    return found if found.empty else with_systems(found)


def with_score(models: list[ModelScores], component: str, value: float | None) -> list[ModelScores]:
    """The models; the first one has `value` for the component with its first retriever."""
    first, summary = models[0], models[0].summaries[0]
    metric = replace(summary.metrics[component], value=value, n_scored=0)
    changed = replace(summary, metrics={**summary.metrics, component: metric})
    return [replace(first, summaries=(changed, *first.summaries[1:])), *models[1:]]


def only(models) -> Results:
    """Scores of models, and nothing else."""
    return Results(tuple(models), (), {}, {}, {}, {})


@pytest.fixture
def models() -> Callable[..., list[ModelScores]]:
    """Score summaries of this number of models, and nothing else."""
    return lambda count, retrievers=3: list(made_up(count, retrievers=retrievers).models)


@pytest.fixture
def rescored() -> Callable[..., list[ModelScores]]:
    return with_score


@pytest.fixture
def sketched(monkeypatch) -> Iterator[Callable[..., Figure]]:
    """Make a plot by its name, without a layout: for tests of what it shows and says."""

    def framed(title, made):
        caption = [line for line in made.caption if line]
        add_frame(made.figure, title, caption)
        return made.figure, caption

    monkeypatch.setattr(drawing, "finished", framed)
    with shared_style():
        yield _figure


@pytest.fixture
def drawn() -> Iterator[Callable[..., Figure]]:
    """Draw a plot by its name, with the shared style and layout of a file."""

    def draw(name: str, given) -> Figure:
        figure = _figure(name, given)
        figure.set_dpi(PNG_DPI)
        FigureCanvasAgg(figure).draw()
        return figure

    with shared_style():
        yield draw


def _figure(name: str, given) -> Figure:
    results = given if isinstance(given, Results) else only(given)
    figure, _ = figure_of(PLOTS.load(name), plot_data(results))
    return figure
