"""Tiny readers: the models that ship with the project, trained anew.

Only asked for by name: `snakemake train_tiny_readers`. The shipped models are copies of what this
makes, so that no run of a benchmark trains by itself.

Needs:  resources/tiny-seedling                the small model that all readers grow from
Makes:  results/tiny-readers/{reader}/         a folder of weights, as resources/models/{reader}
        results/tiny-readers/seedling/         by its name only: a seedling from nothing
Keeps:  results/tiny-readers/{reader}.state    where a stopped training goes on, until it ends
"""


rule tiny_reader:
    input:
        grown_from,
    output:
        directory("<results>/tiny-readers/{reader}"),
    log:
        "<logs>/tiny_reader/{reader}.log",
    wildcard_constraints:
        reader=one_of(RECIPES),
    conda:
        "../envs/predictions.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=1,
    params:
        recipe=training_recipe,
        steps=cfg.training_steps,
        kept=training_state,
        code=code_digest(["modellab.tiny_readers.readers"]),
    message:
        "training {wildcards.reader}"
    script:
        "../scripts/tiny_reader.py"
