"""Of what the registry of runs records."""

from types import SimpleNamespace

from modellab.config.judges import judges_of, resolved_judge


def judgement_runs(wildcards):
    """How the judgements of a dataset were made."""
    folder = f"<results>/{wildcards.dataset}/judgements"
    return [
        f"{folder}/{judge}/runs/{model}.json"
        for judge, model in judged_pairs(wildcards)
    ]


def recorded_retrievers(dataset):
    """The retrievers that the models of a dataset read, in the order of the config."""
    read = {
        name for model in models_of(dataset) for name in retrievers_of(dataset, model)
    }
    return [name for name in cfg.retrievers if name in read]


def recorded_settings(wildcards):
    """What the config says of a dataset that can change its results; no label, no limit."""
    names, judges = models_of(wildcards.dataset), judges_of(cfg, wildcards.dataset)
    return {
        **settings_of(wildcards),
        "models": {name: model_options(SimpleNamespace(model=name)) for name in names},
        "judges": {
            name: resolved_judge(cfg, name).cache_key_fields() for name in judges
        },
        "targets": targets_of(wildcards),
        "min_coverage": cfg.judging.min_coverage if judges else None,
    }
