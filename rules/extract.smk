"""Extraction: predictions of all models in, the fields they got right and wrong out.

For datasets whose task is `extract`.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/predictions/{model}.jsonl
Makes:  results/{dataset}/extract_fields.csv    a row per model and group, field or item
"""


rule extract_fields:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        predictions=predictions_of_dataset,
        task=task_files,
    output:
        in_report("<results>/{dataset}/extract_fields.csv", "Answers"),
    log:
        "<logs>/extract_fields/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        models=lambda wildcards: models_of(wildcards.dataset),
        task=lambda wildcards: plain(task_of(wildcards)),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        missing=lambda wildcards: cfg.datasets[wildcards.dataset].missing,
        code=code_digest(["modellab.evaluation.compare.extract_fields"]),
    message:
        "comparing the fields of {wildcards.dataset}"
    script:
        "../scripts/extract_fields.py"
