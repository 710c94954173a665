"""Readiness: is everything there that a run needs, and are the models on this machine?

Makes:  a table on the terminal                              (preflight)
        results/models/{model}.json   the resolved revision  (fetch_model)
"""


rule preflight:
    """What a run lacks, before it starts (docs/preflight.md)."""
    log:
        "<logs>/preflight.log",
    conda:
        "../envs/predictions.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
    params:
        config=plain(cfg),
        slurm=lambda wildcards: workflow.non_local_exec,
    message:
        "looking at the machine, the files and the models"
    script:
        "../scripts/preflight.py"


rule fetch_model:
    output:
        "<results>/models/{model}.json",
    log:
        "<logs>/fetch_model/{model}.log",
    wildcard_constraints:
        model=one_of(models_on_hub()),
    conda:
        "../envs/predictions.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        options=lambda wildcards: cfg.models[wildcards.model].cache_key_fields(),
    message:
        "fetching {wildcards.model}"
    script:
        "../scripts/fetch_model.py"
