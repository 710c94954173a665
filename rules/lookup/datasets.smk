"""How rules look things up in the config: which models, retrievers and tasks a dataset has.

One function per question, one file per stage. Each reads only the keys that its rule depends
on, so that a change of the config makes only what it decides anew.
"""

import re

from modellab.config.answering import models_asked, retrievers_answered, unanswered
from modellab.config.judges import resolved_judge
from modellab.reporting.plots import PLOTS


def one_of(names):
    """A pattern for exactly these names: a path with any other has no rule."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def models_run(place):
    """The models that run in a job without a card, in one with cards, behind a server, or that
    are voted on."""
    return [name for name, model in cfg.models.items() if model.place() == place]


def judges_run(place):
    """The judges whose model runs there."""
    return [
        name
        for name, judge in cfg.judges.items()
        if judge.enabled and resolved_judge(cfg, name).judging_model.place() == place
    ]


wildcard_constraints:
    corpus=one_of(cfg.corpora),
    dataset=one_of(cfg.datasets),
    query_log=one_of(cfg.query_logs),
    synthesis=one_of(cfg.synthesize),
    retriever=one_of(cfg.retrievers),
    embedder=one_of(cfg.embedders),
    model=one_of(cfg.models),
    judge=one_of(cfg.judges),
    plot=one_of(PLOTS),


def models_of(dataset):
    """The enabled models that answer a dataset, in the order of the config.

    With `partial: true` only those whose predictions are there.
    """
    missing = missing_of(dataset)
    return [name for name in models_asked(cfg, dataset) if name not in missing]


def missing_of(dataset):
    """The models that tables and plots of a dataset go without; none but with `partial: true`."""
    return unanswered(cfg, dataset) if cfg.partial else []


def models_by_dataset():
    return {name: models_of(name) for name in cfg.datasets}


def missing_by_dataset():
    return {name: missing_of(name) for name in cfg.datasets}


def models_missing(wildcards):
    """What a table or plot must say that it goes without."""
    return missing_of(wildcards.dataset)


def retrievers_on(dataset):
    return cfg.datasets[dataset].retrievers or tuple(cfg.retrievers)


def retrievers_of(dataset, model):
    """The retrievers whose contexts a model reads on a dataset; none if it brings its own."""
    if cfg.datasets[dataset].corpus is None:
        return []
    names = retrievers_answered(cfg, dataset, model)
    return [name for name in names if name in cfg.retrievers]


def task_of(wildcards):
    return cfg.datasets[wildcards.dataset].task


def task_files(wildcards):
    """The files that a task is described in, such as the schema of a record."""
    return [str(path) for path in task_of(wildcards).files().values()]


def with_corpus():
    """The datasets that are about documents, and so have retrievers."""
    return [
        name for name, dataset in cfg.datasets.items() if dataset.corpus is not None
    ]


def with_task(kind):
    """The datasets of one kind of task."""
    return [name for name, dataset in cfg.datasets.items() if dataset.task.kind == kind]


def corpus_of(wildcards):
    return cfg.datasets[wildcards.dataset].corpus


def plain(options):
    """Options as plain data, so that a params change is a change of these values only."""
    return options.model_dump(mode="json")
