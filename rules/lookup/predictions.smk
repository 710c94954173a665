"""Of models and what decides their answers."""

import math
import os

from modellab.core.retry_rounds import next_round
from modellab.core.code import code_digest


def context_names(wildcards):
    """The retrievers of a model's contexts; None where the dataset has no corpus."""
    if corpus_of(wildcards) is None:
        return None
    return retrievers_of(wildcards.dataset, wildcards.model)


def contexts_of_model(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in retrievers_of(wildcards.dataset, wildcards.model)
    ]


def prompt_of(wildcards):
    options = cfg.models[wildcards.model]
    if not options.uses_prompt:
        return []
    dataset = cfg.datasets[wildcards.dataset]
    shipped = Path(workflow.basedir) / "resources" / "prompts" / dataset.task.prompt
    return [str(options.prompt or dataset.prompt or os.path.relpath(shipped))]


def files_of(options):
    """The files that a model consists of, if they lie on this machine."""
    paths = options.files().values()
    return sorted(
        str(file)
        for path in paths
        for file in (path.iterdir() if path.is_dir() else [path])
        if file.is_file()
    )


def model_files(wildcards):
    return files_of(cfg.models[wildcards.model])


def model_options(wildcards):
    """What decides a model's answers, and how many of them are asked for."""
    options = cfg.models[wildcards.model]
    asking = {"repeats": options.repeats, "retry_on_abstain": options.retry_on_abstain}
    return {**options.cache_key_fields(), **asking}


def journal_of(wildcards):
    return f"{cfg.results}/{wildcards.dataset}/journal/{wildcards.model}.jsonl"


ROUNDS = {}


def round_of(journal):
    """Which round of asking a job is: another one where it left rows open (see asking_again).

    The same during a whole run, whatever its jobs note meanwhile.
    """
    if journal not in ROUNDS:
        ROUNDS[journal] = next_round(Path(journal), cfg.retry_failed)
    return ROUNDS[journal]


def prediction_seed(wildcards):
    return cfg.seed if cfg.models[wildcards.model].samples() else None


def prediction_code(wildcards):
    task = type(task_of(wildcards)).__module__
    provider = type(cfg.models[wildcards.model]).__module__
    return code_digest(["modellab.generation.predict", provider, task])


def models_on_hub():
    """The models that are fetched before they can be used without a network."""
    return [name for name, model in cfg.models.items() if model.downloads()]


def timeout_seconds(wildcards):
    """A resource, not a param: another limit makes no answer stale. 0: none."""
    return math.ceil(60 * (cfg.models[wildcards.model].timeout_minutes or 0))


def server_tokens():
    """A resource for each server and API: 1 for the jobs that ask it."""
    return {
        token: lambda wildcards, token=token: int(
            cfg.models[wildcards.model].token() == token
        )
        for token in tokens(cfg)
    }
