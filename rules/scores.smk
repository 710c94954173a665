"""Scores: one model's predictions in, marked rows, summaries and submission files out.

Needs:  results/{dataset}/questions.jsonl, truth_check.csv, predictions/{model}.jsonl,
        and what finding the passages took: contexts/runs/{retriever}.json, plans/{retriever}.jsonl
Makes:  results/{dataset}/scores/{model}.csv                     a marked row per prediction
        results/{dataset}/scores/{model}.json                    a summary per retriever
        results/{dataset}/submissions/{model}/{retriever}.csv    the answers, to be read elsewhere
"""


rule scores:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        run="<results>/{dataset}/runs/{model}.json",
        # only so that it is made, and warns, wherever anything is scored
        truths="<results>/{dataset}/truth_check.csv",
        chunks=chunks_to_score,
        databases=databases_of_scorer,
        task=task_files,
        searches=lambda w: records_of_steps(
            w.dataset, steps_of_model(w.dataset, w.model)
        ),
        plans=lambda w: plans_of_steps(w.dataset, steps_of_model(w.dataset, w.model)),
    output:
        rows="<results>/{dataset}/scores/{model}.csv",
        summary="<results>/{dataset}/scores/{model}.json",
        submissions=directory("<results>/{dataset}/submissions/{model}"),
    log:
        "<logs>/scores/{dataset}/{model}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        model=described_model,
        task=lambda wildcards: plain(cfg.datasets[wildcards.dataset].task),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        missing=lambda wildcards: cfg.datasets[wildcards.dataset].missing,
        seed=scoring_seed,
        code=scoring_code,
    message:
        "scoring {wildcards.model} on {wildcards.dataset}"
    script:
        "../scripts/scores.py"
