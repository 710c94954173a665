"""Scores: one model's predictions in, marked rows, summaries and submission files out.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/predictions/{model}.jsonl
Makes:  results/{dataset}/scores/{model}.csv                     a marked row per prediction
        results/{dataset}/scores/{model}.json                    a summary per retriever
        results/{dataset}/submissions/{model}/{retriever}.csv    in the competition's format
"""

from modellab.scorers import DEFAULT_SCORER, SCORERS


def scorer_name(wildcards):
    dataset = cfg.datasets[wildcards.dataset]
    return dataset.scorer or DEFAULT_SCORER[dataset.task]


def scoring_code(wildcards):
    task = cfg.datasets[wildcards.dataset].task
    scorer = type(SCORERS[task][scorer_name(wildcards)]).__module__
    return code_digest(["modellab.score", "modellab.compare.submissions", scorer])


def described_model(wildcards):
    """What the tables say of a model; none of it decides an answer."""
    options = cfg.models[wildcards.model]
    return {
        "provider": options.provider,
        "model_id": options.model_id(),
        "local": options.local,
        "size_b": options.size_b,
    }


rule scores:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        run="<results>/{dataset}/runs/{model}.json",
    output:
        rows="<results>/{dataset}/scores/{model}.csv",
        summary="<results>/{dataset}/scores/{model}.json",
        submissions=directory("<results>/{dataset}/submissions/{model}"),
    log:
        "<logs>/scores/{dataset}/{model}.log",
    params:
        model=described_model,
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task,
        scorer=scorer_name,
        join=lambda wildcards: cfg.datasets[wildcards.dataset].join,
        code=scoring_code,
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    conda:
        "../envs/compare.yaml"
    message:
        "scoring {wildcards.model} on {wildcards.dataset}"
    script:
        "../scripts/scores.py"
