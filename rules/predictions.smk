"""Predictions: questions and contexts in, one model's answers out.

One job per model and dataset: the model is loaded once, in a process of its own. Where it runs
makes three rules of one script: without a card, on cards, and behind a server. So a cluster sends
only the second to GPU nodes, and each server has a token of its own.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers
        results/{dataset}/runs/{model}.json           how they were made
Keeps:  results/{dataset}/journal/{model}.jsonl       every answer the moment it exists
"""

from modellab.models.protocol import Place


rule predictions_local:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        contexts=contexts_of_model,
        prompt=prompt_of,
        model=model_files,
        task=task_files,
    output:
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        run="<results>/{dataset}/runs/{model}.json",
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    wildcard_constraints:
        model=one_of(models_run(Place.PROCESS)),
    # What takes longest begins first; tables and plots of other models can wait.
    priority: 10
    conda:
        "../envs/predictions.yaml"
    threads: lambda wildcards: cfg.models[wildcards.model].threads
    resources:
        mem_mb=8000,
        runtime=720,
        timeout_seconds=timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
    params:
        options=model_options,
        retrievers=context_names,
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task.cache_key_fields(),
        journal=journal_of,
        round=lambda wildcards: round_of(journal_of(wildcards)),
        seed=prediction_seed,
        code=prediction_code,
    message:
        "asking {wildcards.model} the questions of {wildcards.dataset}"
    script:
        "../scripts/predictions.py"


use rule predictions_local as predictions_gpu with:
    wildcard_constraints:
        model=one_of(models_run(Place.CARD)),
    resources:
        mem_mb=16000,
        runtime=720,
        timeout_seconds=timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
        gpu=lambda wildcards: cfg.models[wildcards.model].gpu_need(),
        slots_per_gpu=lambda wildcards: cfg.models[wildcards.model].slots_per_gpu,


use rule predictions_local as predictions_server with:
    wildcard_constraints:
        model=one_of(models_run(Place.SERVER)),
    resources:
        **server_tokens(),
        mem_mb=2000,
        runtime=720,
        timeout_seconds=timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
