"""Predictions: questions and contexts in, one model's answers out.

One job per model and dataset: the model is loaded once, in a process of its own.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers
        results/{dataset}/runs/{model}.json           how they were made
Keeps:  results/{dataset}/journal/{model}.jsonl       every answer the moment it exists
"""


rule predictions:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        contexts=contexts_of_model,
        prompt=prompt_of,
        model=model_files,
    output:
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        run="<results>/{dataset}/runs/{model}.json",
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    conda:
        "../envs/predictions.yaml"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=720,
        gpu=lambda wildcards: cfg.models[wildcards.model].gpu_need(),
    params:
        options=model_options,
        retrievers=lambda wildcards: retrievers_of(wildcards.dataset, wildcards.model),
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task,
        journal=journal_of,
        seed=prediction_seed,
        code=prediction_code,
    message:
        "asking {wildcards.model} the questions of {wildcards.dataset}"
    script:
        "../scripts/predictions.py"
