"""Datasets of which retrievers alone are compared: each retriever is a system of its own.

A dataset with `task: retrieval` asks no model; a config without models asks none of anything. For
each of their retrievers there is then an entry of `models` with the retriever's name, whose answers
are the passages that it found.
"""

from __future__ import annotations

import logging

from modellab.config.problem import ConfigError, Problem
from modellab.config.schema import Config
from modellab.models.generators.baseline import PassagesOptions
from modellab.tasks.retrieval.task import RetrievalOptions

logger = logging.getLogger(__name__)


def with_retrieval_only(config: Config) -> Config:
    """The config with a system for each retriever of datasets that ask no model.

    Raises ConfigError for a dataset without corpus that nothing can be compared on, and for
    a retriever with the name of a model.
    """
    found = config if config.models else _without_models(config)
    wanted: dict[str, list[str]] = {}
    for name, dataset in found.datasets.items():
        if dataset.task.asks_models:
            continue
        if dataset.corpus is None:
            message = "the task 'retrieval' compares retrievers; name the corpus that they search"
            raise ConfigError(Problem(("datasets", name), message))
        for retriever in dataset.retrievers or tuple(found.retrievers):
            wanted.setdefault(retriever, []).append(name)
    models = dict(found.models)
    for retriever, datasets in wanted.items():
        if not isinstance(models.get(retriever), PassagesOptions | None):
            message = "a model has this name too; give the retriever another one"
            raise ConfigError(Problem(("retrievers", retriever), message))
        models[retriever] = PassagesOptions(
            provider="passages", datasets=tuple(datasets), retrievers=(retriever,)
        )
    return found.model_copy(update={"models": models})


def _without_models(config: Config) -> Config:
    """Nothing is asked of anybody: what can be compared is what retrievers find."""
    datasets = {}
    for name, dataset in config.datasets.items():
        if dataset.corpus is None:
            message = f"dataset {name!r} has no corpus to search; name a model that answers it"
            raise ConfigError(Problem(("models",), message))
        task = RetrievalOptions(kind="retrieval")
        own = dataset.task.asks_models
        datasets[name] = (
            dataset.model_copy(update={"task": task, "scorer": None}) if own else dataset
        )
    logger.info("no models: only retrievers are compared")
    return config.model_copy(update={"datasets": datasets})
