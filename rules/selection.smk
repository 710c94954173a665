"""What the config selects: models, retrievers and plots, and the names that paths are made of."""

from modellab.config.schema import SLUG_PATTERN
from modellab.digest import code_digest
from modellab.plots import PLOTS

SLUG = SLUG_PATTERN.strip("^$")


wildcard_constraints:
    corpus=SLUG,
    dataset=SLUG,
    retriever=SLUG,
    model=SLUG,
    plot="[a-z_]+",


def models_of(dataset):
    """The enabled models that answer a dataset, in the order of the config."""
    return [
        name
        for name, model in cfg.models.items()
        if model.enabled and (model.datasets is None or dataset in model.datasets)
    ]


def retrievers_of(dataset, model):
    """The retrievers whose contexts a model reads on a dataset; none if it brings its own."""
    options = cfg.models[model]
    if not options.uses_contexts:
        return []
    wanted = cfg.datasets[dataset].retrievers or tuple(cfg.retrievers)
    return [name for name in wanted if options.retrievers is None or name in options.retrievers]


def selected_plots():
    return cfg.plots or tuple(PLOTS)


def corpus_of(wildcards):
    return cfg.datasets[wildcards.dataset].corpus


def plain(options, **without):
    """Options as plain data, so that a params change is a change of these values only."""
    return options.model_dump(mode="json", **without)
