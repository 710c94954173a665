"""What jobs share: GPUs, servers and APIs."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.models.protocol import ModelOptions


def refuse_impossible_gpus(config: Config, limit: int) -> None:
    """Raise InputError for a model that needs more GPUs at a time than a run may use.

    Snakemake would start it with fewer instead of refusing.
    """
    for name, model in _needs(config):
        need = model.gpu_need()
        if need <= limit or (need == 1 and model.gpu_optional()):
            continue
        raise InputError(
            f"{name}: needs {need} GPUs, but this run may use {limit}; "
            f"say --resources gpu={need} (after the targets)"
        )


def refuse_spaces_in_python(executable: str) -> None:
    """Raise InputError where the path of Python has a space: Snakemake does not quote it."""
    if any(char.isspace() for char in executable):
        raise InputError(
            f"{executable}: Snakemake cannot run scripts with a Python in a path with a space; "
            "move the clone, or create its .venv elsewhere and run the snakemake in it"
        )


def _needs(config: Config) -> Iterator[tuple[str, ModelOptions]]:
    """All models that a run may load, those of judges, planners and syntheses included."""
    for name, model in config.models.items():
        if model.enabled:
            yield f"models.{name}", model
    for name, judge in config.judges.items():
        if judge.enabled and isinstance(judge.model, ModelOptions):
            yield f"judges.{name}", judge.model
        elif judge.enabled and not config.models[str(judge.model)].enabled:
            yield f"judges.{name}: {judge.model}", config.models[str(judge.model)]
    for name, retriever in config.retrievers.items():
        if (planner := retriever.planner()) and not config.models[planner].enabled:
            yield f"retrievers.{name}: {planner}", config.models[planner]
    for name, entry in config.synthesize.items():
        for role, model in entry.resolved(config.models).items():
            yield f"synthesize.{name}: {role}", model


def tokens(config: Config) -> tuple[str, ...]:
    """The resources that limit jobs per server or API, by name."""
    own = [judge.model for judge in config.judges.values()]
    judging = [model for model in own if isinstance(model, ModelOptions)]
    entries = config.synthesize.values()
    writing = [model for entry in entries for model in entry.resolved(config.models).values()]
    found = {model.endpoint_slot() for model in (*config.models.values(), *judging, *writing)}
    return tuple(sorted(name for name in found if name is not None))
