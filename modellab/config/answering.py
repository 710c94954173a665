"""Which models a run uses, and which datasets they answer with which retrievers; plots."""

from collections.abc import Iterator

from modellab.config.entries import entries_of, judges_of
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.io.yaml_file import Location
from modellab.core.layout import PREDICTIONS, RUN
from modellab.core.records import EXTERNAL, NO_RETRIEVER
from modellab.models.generators.baseline import PassagesOptions
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.protocol import ModelOptions
from modellab.reporting.plots import expected_plots
from modellab.retrieval.protocol import RetrieverOptions


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


def models_used(config: Config) -> dict[Location, ModelOptions]:
    """All models that a run may load, also as judges, planners and writers, by location."""
    found = dict(entries_of(ModelOptions, config, enabled=True))
    found.update((("models", name), config.models[name]) for name in models_named(config))
    return found


def refuse_impossible_gpus(config: Config, limit: int) -> None:
    """Raise InputError for a model that needs more GPUs at a time than a run may use.

    Snakemake would start it with fewer instead of refusing.
    """
    for location, model in models_used(config).items():
        need = model.gpu_need()
        if need > limit and not (need == 1 and model.gpu_optional()):
            raise InputError(
                f"{'.'.join(location)}: needs {need} GPUs, but this run may use {limit}; "
                f"say --resources gpu={need} (after the targets)"
            )


def endpoint_slots(config: Config) -> tuple[str, ...]:
    """The names of the resources that limit the jobs of each server or API."""
    found = {model.endpoint_slot() for _, model in entries_of(ModelOptions, config)}
    return tuple(sorted(name for name in found if name is not None))


def answers(config: Config, model: str, dataset: str) -> bool:
    """Whether a model answers a dataset.

    An ensemble without `datasets` answers those that all its members answer, except the source of
    its weights. Its members must be known and acyclic. Tasks that only compare retrievers ask no
    model.
    """
    options = config.models[model]
    if not config.datasets[dataset].task.asks_models and not isinstance(options, PassagesOptions):
        return False
    if options.datasets is not None or not isinstance(options, EnsembleOptions):
        return options.datasets is None or dataset in options.datasets
    source = options.weights_from.dataset if options.weights_from else None
    return dataset != source and all(answers(config, name, dataset) for name in options.members)


def retrievers_answered(config: Config, dataset: str, model: str) -> tuple[str, ...]:
    """The retrievers in a model's rows; for an ensemble, those that all its members have."""
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
    """The models that lack predictions or a run record, and ensembles with such a member."""
    return [name for name in models_asked(config, dataset) if not _answered(config, dataset, name)]


def only_answered(config: Config) -> Config:
    """The config without datasets without predictions. Raises InputError if none is left."""
    left = {
        name: dataset
        for name, dataset in config.datasets.items()
        if len(unanswered(config, name)) < len(models_asked(config, name))
    }
    if not left:
        raise InputError("partial: no model has predictions yet; run without partial first")
    return config.model_copy(update={"datasets": left})


def _answered(config: Config, dataset: str, model: str) -> bool:
    options = config.models[model]
    if not isinstance(options, EnsembleOptions):
        folder = config.results / dataset
        return all((folder / file.format(model=model)).exists() for file in (PREDICTIONS, RUN))
    wanted = [dataset, *([options.weights_from.dataset] if options.weights_from else [])]
    return all(_answered(config, place, name) for place in wanted for name in options.members)


def controls_of_model(config: Config, dataset: str, model: str) -> list[str]:
    """The retrievers with which a model is a control on a dataset: a reference point, not ranked.

    `control` of a model overrides that of its retriever. By default, `oracle`, `shuffled`, `none`
    and retrievers that only rearrange their passages are controls, unless there are no others.
    """
    named = retrievers_answered(config, dataset, model)
    has_contender = any(
        not _is_control(config, dataset, other, name, by_kind=True)
        for other in models_asked(config, dataset)
        for name in retrievers_answered(config, dataset, other)
    )
    return [name for name in named if _is_control(config, dataset, model, name, has_contender)]


def roles_of_model(config: Config, dataset: str, model: str) -> dict[str, str]:
    """The role of the passages by retriever; empty for answers without our passages."""
    named = retrievers_answered(config, dataset, model)
    found = {name: _retriever(config, dataset, name) for name in named}
    return {name: options.role if options else "" for name, options in found.items()}


def _is_control(config: Config, dataset: str, model: str, name: str, by_kind: bool) -> bool:
    options = _retriever(config, dataset, name)
    for set_in_config in (config.models[model].control, options.control if options else None):
        if set_in_config is not None:
            return set_in_config
    return by_kind and options is not None and _is_reference(config, options)


def _is_reference(config: Config, options: RetrieverOptions) -> bool:
    """Whether passages are selected by the reference, at random, or not at all."""
    if options.role != "retrieved":
        return True
    sources = options.starts_from()
    return bool(sources) and all(_is_reference(config, config.retrievers[s]) for s in sources)


def _retriever(config: Config, dataset: str, name: str) -> RetrieverOptions | None:
    """None for answers without our passages."""
    if config.datasets[dataset].corpus is None:
        return None
    return config.retrievers.get(name)


def wanted_plots(config: Config, dataset: str) -> tuple[str, ...]:
    """The plots that the config lists, or all that can show something of the dataset."""
    return config.plots or expected_plots({*_facts(config, dataset)})


def _facts(config: Config, dataset: str) -> Iterator[str]:
    """Facts about a dataset that are known before it runs, for `expected_plots`."""
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
