"""Of questions made by models."""

import math
import os

from modellab.core.code import code_digest


def synthesis_models(name):
    """The models of a synthesis, the one that makes questions first."""
    return cfg.synthesize[name].resolved(cfg.models)


def synthesis_prompts(wildcards):
    options = cfg.synthesize[wildcards.synthesis]
    shipped = Path(workflow.basedir) / "resources" / "prompts" / "synthesis"
    folder = options.prompts or os.path.relpath(shipped)
    return [f"{folder}/{name}.jinja" for name in options.prompt_names()]


def synthesis_model_files(wildcards):
    models = synthesis_models(wildcards.synthesis).values()
    return sorted({file for options in models for file in files_of(options)})


def synthesis_model_options(wildcards):
    """What decides the models' answers."""
    models = synthesis_models(wildcards.synthesis)
    return {name: options.cache_key_fields() for name, options in models.items()}


def synthesis_timeout_seconds(wildcards):
    """The limits of its models together. A resource, not a param, as for predictions. 0: none."""
    models = synthesis_models(wildcards.synthesis).values()
    return math.ceil(60 * sum(options.timeout_minutes or 0 for options in models))


def synthesis_slots(name):
    """How many such jobs may share a GPU: as the model says that leaves the least room."""
    models = synthesis_models(name).values()
    return min(options.slots_per_gpu for options in models if options.gpu_need())


def synthesis_threads(name):
    """As many as its model takes that takes the most."""
    return max(options.threads for options in synthesis_models(name).values())


def synthesis_cards(name):
    """Its models are loaded one after the other."""
    return max(options.gpu_need() for options in synthesis_models(name).values())


def synthesis_tokens():
    """As `server_tokens`, for the models of a synthesis."""

    def asks(wildcards, token):
        models = synthesis_models(wildcards.synthesis).values()
        return int(token in {options.token() for options in models})

    return {
        token: lambda wildcards, token=token: asks(wildcards, token)
        for token in tokens(cfg)
    }


def synthesis_code(wildcards):
    models = synthesis_models(wildcards.synthesis).values()
    providers = {type(options).__module__ for options in models}
    return code_digest(["modellab.generation.synthesis.making", *sorted(providers)])
