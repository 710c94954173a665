"""Predictions: questions and contexts in, one model's answers out.

One job per model and dataset: the model is loaded once, in a process of its own.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers
        results/{dataset}/runs/{model}.json           how they were made
Keeps:  results/{dataset}/journal/{model}.jsonl       every answer the moment it exists
"""


def contexts_of_model(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in retrievers_of(wildcards.dataset, wildcards.model)
    ]


def prompt_of(wildcards):
    options = cfg.models[wildcards.model]
    if not options.uses_prompt:
        return []
    return [str(getattr(options, "prompt", None) or cfg.datasets[wildcards.dataset].prompt)]


def model_files(wildcards):
    """The files that a model consists of, if they lie on this machine."""
    paths = cfg.models[wildcards.model].files().values()
    return sorted(
        str(file)
        for path in paths
        for file in (path.iterdir() if path.is_dir() else [path])
        if file.is_file()
    )


def model_options(wildcards):
    """What decides a model's answers, and how many of them are asked for."""
    options = cfg.models[wildcards.model]
    return {**options.decisive(), "repeats": options.repeats}


def journal_of(wildcards):
    return f"{cfg.results}/{wildcards.dataset}/journal/{wildcards.model}.jsonl"


def prediction_seed(wildcards):
    return cfg.seed if cfg.models[wildcards.model].samples() else None


def prediction_code(wildcards):
    task = cfg.datasets[wildcards.dataset].task
    provider = type(cfg.models[wildcards.model]).__module__
    return code_digest(["modellab.predict", provider, f"modellab.tasks.{task}"])


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
    params:
        options=model_options,
        retrievers=lambda wildcards: retrievers_of(wildcards.dataset, wildcards.model),
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task,
        journal=journal_of,
        seed=prediction_seed,
        code=prediction_code,
    threads: 2
    resources:
        mem_mb=8000,
        runtime=720,
        gpu=lambda wildcards: cfg.models[wildcards.model].gpu_need(),
    conda:
        "../envs/predictions.yaml"
    message:
        "asking {wildcards.model} the questions of {wildcards.dataset}"
    script:
        "../scripts/predictions.py"
