"""Of questions made by models."""

import os

from modellab.digest import code_digest


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
    models = synthesis_models(wildcards.synthesis)
    return {name: plain(options) for name, options in models.items()}


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
    return code_digest(["modellab.synthesis.making", *sorted(providers)])
