"""Made-up scores of any number of models, always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from modellab.plots import load_plot
from modellab.plots.drawing import PNG_DPI
from modellab.plots.style import settle, shared_style
from modellab.records import Metric, ModelScores, Summary

RETRIEVERS = ("bm25", "dense-minilm", "oracle", "hybrid-rrf", "none", "shuffled")
FAMILIES = (("qwen2.5", 7.0), ("llama-3.1", 8.0), ("gpt-4o-mini", None), ("mistral-small", 24.0))
SIZES = (0.5, 1.5, 3.0, 7.0, 7.0, 8.0, 14.0, 32.0, 70.0, 72.0, 110.0, 400.0)


def make_models(count: int, retrievers: int = 3) -> list[ModelScores]:
    source = random.Random(7)
    return [_model(number, RETRIEVERS[:retrievers], source) for number in range(count)]


def _model(number: int, retrievers: tuple[str, ...], source: random.Random) -> ModelScores:
    family, size = FAMILIES[number % len(FAMILIES)]
    size = None if size is None else SIZES[number % len(SIZES)]
    name = f"{family}-instruct-{number:02d}"
    return ModelScores(
        name=name,
        dataset="wattbot-train",
        task="wattbot",
        scorer="wattbot-v3",
        join="outer",
        llm_provider="litellm" if number % 3 == 0 else "transformers",
        model_id=f"org/{name}",
        local=number % 3 != 0,
        size_b=size,
        summaries=tuple(_summary(retriever, size, source) for retriever in retrievers),
    )


def _summary(retriever: str, size: float | None, source: random.Random) -> Summary:
    ability = 0.35 + 0.05 * min(size or 20.0, 80.0) ** 0.5
    value, ref, na = (min(1.0, ability + source.uniform(-0.3, 0.2)) for _ in range(3))
    value, ref, na = max(value, 0.0), max(ref, 0.0), round(max(na, 0.0) * 6) / 6
    return Summary(
        retriever=retriever,
        num_questions=88,
        repeats=1,
        coverage=1.0,
        statuses={"answered": 80, "abstained": 8},
        metrics={
            "value_accuracy": Metric(value, 88),
            "ref_overlap": Metric(ref, 88),
            "na_recall": Metric(na, 6),
            "overall": Metric(0.75 * value + 0.15 * ref + 0.1 * na, 88),
        },
        questions_correct=60,
        questions_wrong=28,
        avg_latency_seconds=1.5,
        p50_latency_seconds=None,
        p95_latency_seconds=None,
        total_time_seconds=132.0,
        input_tokens=1000,
        output_tokens=100,
        estimated_cost_usd=None,
        total_retries=0,
    )


def with_score(models: list[ModelScores], component: str, value: float | None) -> list[ModelScores]:
    """The models, the first of which has `value` for the component with its first retriever."""
    first, summary = models[0], models[0].summaries[0]
    metric = replace(summary.metrics[component], value=value, n_scored=0)
    changed = replace(summary, metrics={**summary.metrics, component: metric})
    return [replace(first, summaries=(changed, *first.summaries[1:])), *models[1:]]


@pytest.fixture
def models() -> Callable[..., list[ModelScores]]:
    return make_models


@pytest.fixture
def rescored() -> Callable[..., list[ModelScores]]:
    return with_score


@pytest.fixture
def drawn() -> Iterator[Callable[[str, Sequence[ModelScores]], Figure]]:
    """Draw a plot by its name, and lay it out as it is written: in the shared style."""

    def draw(name: str, models: Sequence[ModelScores]) -> Figure:
        figure = load_plot(name).draw(models)
        settle(figure)
        figure.set_dpi(PNG_DPI)
        FigureCanvasAgg(figure).draw()
        return figure

    with shared_style():
        yield draw
