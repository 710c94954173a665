"""Which plots can show anything of a dataset, as far as the config can say."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.config.answering import models_asked, retrievers_answered
from modellab.config.controls import controls_of_model, roles_of_model
from modellab.config.judges import judges_of
from modellab.config.schema import Config
from modellab.models.generators.baseline import PassagesOptions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.protocol import ModelOptions
from modellab.reporting.plots import expected_plots


def wanted_plots(config: Config, dataset: str) -> tuple[str, ...]:
    """The plots that are drawn of a dataset: those listed, or all that can show something."""
    return config.plots or expected_plots({*_facts(config, dataset)})


def _facts(config: Config, dataset: str) -> Iterator[str]:
    """What there will be of a dataset, in the words of `expected_plots`."""
    models = models_asked(config, dataset)
    if config.datasets[dataset].task.asks_models:
        yield "answers"
    if config.datasets[dataset].task.kind == "label":
        yield "labels"
    for name in models:
        yield from _facts_of_model(config.models[name])
        roles = set(roles_of_model(config, dataset, name).values())
        if {"oracle", "retrieved"} <= roles:
            yield "oracle"
    offered = config.datasets[dataset].retrievers or tuple(config.retrievers)
    if config.datasets[dataset].corpus and any(
        config.retrievers[name].role == "retrieved" for name in offered
    ):
        yield "retrieval"
    if judges_of(config, dataset):
        yield "judges"
    systems = sum(len(retrievers_answered(config, dataset, name)) for name in models)
    controls = sum(len(controls_of_model(config, dataset, name)) for name in models)
    if systems > 1:
        yield "pairs"
    if systems - controls > 1:
        yield "contenders"


def _facts_of_model(options: ModelOptions) -> Iterator[str]:
    if options.size_b is not None:
        yield "size"
    if not options.uses_contexts or isinstance(options, EnsembleOptions | PassagesOptions):
        return  # its answers come from a file, from other models, or from a retriever
    yield "time"
    if not options.local:
        yield "cost"
    if isinstance(options, TransformersOptions):
        yield "memory"
        if options.confidence:
            yield "confidence"
