"""Predictions: questions and contexts in, one model's answers out.

One job per model and dataset: the model is loaded once, in a process of its own. Models in the
job's process and models behind a server are two rules, so that a cluster can send only the first
to GPU nodes, and servers have tokens of their own.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers
        results/{dataset}/runs/{model}.json           how they were made
Keeps:  results/{dataset}/journal/{model}.jsonl       every answer the moment it exists
"""


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
        model=one_of(models_held(in_process=True)),
    conda:
        "../envs/predictions.yaml"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=720,
        gpu=lambda wildcards: cfg.models[wildcards.model].gpu_need(),
    params:
        options=model_options,
        retrievers=context_names,
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task.decisive(),
        journal=journal_of,
        seed=prediction_seed,
        code=prediction_code,
    message:
        "asking {wildcards.model} the questions of {wildcards.dataset}"
    script:
        "../scripts/predictions.py"


rule predictions_server:
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
        model=one_of(models_held(in_process=False)),
    conda:
        "../envs/predictions.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=720,
        ollama=lambda wildcards: int(cfg.models[wildcards.model].provider == "ollama"),
    params:
        options=model_options,
        retrievers=context_names,
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task.decisive(),
        journal=journal_of,
        seed=prediction_seed,
        code=prediction_code,
    message:
        "asking {wildcards.model} the questions of {wildcards.dataset}"
    script:
        "../scripts/predictions.py"
