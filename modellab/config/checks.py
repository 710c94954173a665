"""What the schema cannot say: names that point to nothing, files that are not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from modellab.config.schema import Config
from modellab.config.source import Location
from modellab.plots import PLOTS
from modellab.questions import QUESTION_FORMATS
from modellab.retrieval.dense import DenseOptions
from modellab.scorers import SCORERS
from modellab.submissions import EXTERNAL
from modellab.tasks import TASKS

#: folders of the results that a dataset of the same name would mix with
RESERVED_DATASETS = ("corpora", "logs", "smoke")


class Problem(NamedTuple):
    """One thing wrong: the key, and a sentence about it."""

    location: Location
    message: str


def first_problem(config: Config) -> Problem | None:
    """The first thing wrong with a config that fits the schema, in the order of the config."""
    for check in (_corpora, _datasets, _retrievers, _models, _plots):
        for problem in check(config):
            return problem
    return None


def _corpora(config: Config) -> Iterator[Problem]:
    for name, corpus in config.corpora.items():
        yield from _exists(("corpora", name, "path"), corpus.path)


def _datasets(config: Config) -> Iterator[Problem]:
    for name, dataset in config.datasets.items():
        here = ("datasets", name)
        if name in RESERVED_DATASETS:
            yield Problem(here, f"{name!r} is a folder of the results; choose another name")
        yield from _known((*here, "corpus"), "corpus", dataset.corpus, config.corpora)
        yield from _known((*here, "format"), "format", dataset.format, QUESTION_FORMATS)
        yield from _known((*here, "task"), "task", dataset.task, TASKS)
        if dataset.scorer is not None:
            yield from _known((*here, "scorer"), "scorer", dataset.scorer, SCORERS[dataset.task])
        for retriever in dataset.retrievers or ():
            yield from _known((*here, "retrievers"), "retriever", retriever, config.retrievers)
        yield from _exists((*here, "questions"), dataset.questions)
        yield from _exists((*here, "prompt"), dataset.prompt)


def _retrievers(config: Config) -> Iterator[Problem]:
    indexed = [name for name, entry in config.retrievers.items() if entry.indexed]
    finished = [name for name, entry in config.retrievers.items() if not entry.rearranges()]
    for name, entry in config.retrievers.items():
        here = ("retrievers", name)
        if name == EXTERNAL:
            yield Problem(here, f"{EXTERNAL!r} stands for submissions; choose another name")
        for other in entry.searches():
            yield from _known((*here, "of"), "retriever with an index", other, indexed)
        for other in entry.rearranges():
            yield from _known((*here, "of"), "retriever to start from", other, finished)
        if isinstance(entry, DenseOptions) and isinstance(entry.embedder, str):
            yield from _known((*here, "embedder"), "embedder", entry.embedder, config.embedders)


def _models(config: Config) -> Iterator[Problem]:
    enabled = [name for name, model in config.models.items() if model.enabled]
    if not enabled:
        yield Problem(("models",), "no model is enabled; set `enabled: true` on at least one")
    if config.max_models is not None and len(enabled) > config.max_models:
        yield Problem(
            ("max_models",),
            f"{len(enabled)} models are enabled, more than the {config.max_models} allowed",
        )
    for name in enabled:
        model, here = config.models[name], ("models", name)
        for dataset in model.datasets or ():
            yield from _known((*here, "datasets"), "dataset", dataset, config.datasets)
        for retriever in model.retrievers or ():
            yield from _known((*here, "retrievers"), "retriever", retriever, config.retrievers)
        if model.retrievers is not None and not model.uses_contexts:
            yield Problem((*here, "retrievers"), "this provider reads no contexts; leave it out")
        for key, path in model.files().items():
            yield from _exists((*here, key), path)


def _plots(config: Config) -> Iterator[Problem]:
    for index, plot in enumerate(config.plots or ()):
        yield from _known(("plots", str(index)), "plot", plot, PLOTS)


def _known(location: Location, what: str, name: str, names: Collection[str]) -> Iterator[Problem]:
    if name not in names:
        choices = ", ".join(names) or "there is none"
        yield Problem(location, f"unknown {what} {name!r}; choose from: {choices}")


def _exists(location: Location, path: Path) -> Iterator[Problem]:
    if not path.exists():
        yield Problem(location, f"{path}: no such file or folder")
