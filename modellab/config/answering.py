"""Who answers what: the models of each dataset, the retrievers of each model, what is there."""

from __future__ import annotations

from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.generation.predict import NO_RETRIEVER
from modellab.models.generators.baseline import PassagesOptions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.submission_files import EXTERNAL


def models_asked(config: Config, dataset: str) -> list[str]:
    """The enabled models that answer a dataset, in the order of the config."""
    return [
        name
        for name, model in config.models.items()
        if model.enabled and answers(config, name, dataset)
    ]


def models_named(config: Config) -> list[str]:
    """The models that judges, planned searches and syntheses ask; they need not be enabled."""
    judges = [judge.model for judge in config.judges.values() if judge.enabled]
    judging = {model for model in judges if isinstance(model, str)}
    planning = {retriever.planner() for retriever in config.retrievers.values()}
    making = {name for entry in config.synthesize.values() for _, name in entry.named()}
    return [name for name in config.models if name in {*judging, *planning, *making}]


def answers(config: Config, model: str, dataset: str) -> bool:
    """Whether a model is to answer a dataset.

    An ensemble that names no datasets answers those that all its members do, but for the one
    that its weights come from. Its members must be known, and in no circle. Datasets of which
    retrievers alone are compared are answered by nobody but these.
    """
    options = config.models[model]
    if not config.datasets[dataset].task.asks_models and not isinstance(options, PassagesOptions):
        return False
    if options.datasets is not None or not isinstance(options, EnsembleOptions):
        return options.datasets is None or dataset in options.datasets
    weighing = options.weights_from is not None and options.weights_from.dataset == dataset
    return not weighing and all(answers(config, name, dataset) for name in options.members)


def retrievers_answered(config: Config, dataset: str, model: str) -> tuple[str, ...]:
    """The retrievers in a model's rows; of an ensemble those that all its members have."""
    options = config.models[model]
    if isinstance(options, EnsembleOptions):
        found = [retrievers_answered(config, dataset, name) for name in options.members]
        offered = tuple(name for name in found[0] if all(name in names for names in found))
    elif not options.uses_contexts:
        return (EXTERNAL,)
    elif config.datasets[dataset].corpus is None:
        return (NO_RETRIEVER,)
    else:
        offered = config.datasets[dataset].retrievers or tuple(config.retrievers)
    wanted = options.retrievers
    return tuple(name for name in offered if wanted is None or name in wanted)


def unanswered(config: Config, dataset: str) -> list[str]:
    """Those of the models asked whose predictions, or the record of how they were made, are not
    there; ensembles whose members, or the scores that weigh their votes, are not.
    """
    return [name for name in models_asked(config, dataset) if not _is_there(config, dataset, name)]


def only_answered(config: Config) -> Config:
    """The config without the datasets that no model has predictions for.

    Raises InputError where none is left.
    """
    left = {
        name: dataset
        for name, dataset in config.datasets.items()
        if len(unanswered(config, name)) < len(models_asked(config, name))
    }
    if not left:
        raise InputError("partial: no model has predictions yet; run without partial first")
    return config.model_copy(update={"datasets": left})


def _is_there(config: Config, dataset: str, model: str) -> bool:
    options = config.models[model]
    if not isinstance(options, EnsembleOptions):
        folder = config.results / dataset
        files = (folder / "predictions" / f"{model}.jsonl", folder / "runs" / f"{model}.json")
        return all(file.exists() for file in files)
    wanted = [dataset, *([options.weights_from.dataset] if options.weights_from else [])]
    return all(_is_there(config, place, name) for place in wanted for name in options.members)
