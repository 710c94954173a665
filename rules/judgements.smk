"""Judgements: one model's predictions in, one judge's judgements of them out.

One job per dataset, judge and model: a new judge or model costs only its own pairs. Where the
judge runs makes three rules of one script, as for predictions.

Needs:  results/{dataset}/questions.jsonl, predictions/{model}.jsonl, contexts/{retriever}.jsonl
Makes:  results/{dataset}/judgements/{judge}/{model}.jsonl      a row per answer, metric, repeat
        results/{dataset}/judgements/{judge}/runs/{model}.json  how they were made
Keeps:  results/{dataset}/journal/judges/{judge}/{model}.jsonl  every reply the moment it exists
"""

from modellab.models.protocol import Place


rule judgements_local:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        others=other_predictions,
        contexts=contexts_of_model,
        chunks=chunks_to_judge,
        databases=databases_of_judge,
        prompts=judge_prompts,
        judge=judge_files,
    output:
        judgements="<results>/{dataset}/judgements/{judge}/{model}.jsonl",
        run="<results>/{dataset}/judgements/{judge}/runs/{model}.json",
    log:
        "<logs>/judgements/{dataset}/{judge}/{model}.log",
    wildcard_constraints:
        judge=one_of(judges_run(Place.PROCESS)),
    conda:
        "../envs/predictions.yaml"
    threads: lambda wildcards: judge_of(wildcards).judging_model.threads
    resources:
        mem_mb=8000,
        runtime=720,
        timeout_seconds=judge_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
    params:
        judge=lambda wildcards: judge_of(wildcards).cache_key_fields(),
        task=lambda wildcards: task_of(wildcards).kind,
        metrics=judged_by_prompts,
        others=others_of,
        contexts=context_names,
        retrievers=lambda wildcards: judge_of(wildcards).retrievers,
        journal=judge_journal,
        round=lambda wildcards: round_of(judge_journal(wildcards)),
        seed=judge_seed,
        code=judge_code,
    message:
        "{wildcards.judge} judges {wildcards.model} on {wildcards.dataset}"
    script:
        "../scripts/judgements.py"


use rule judgements_local as judgements_gpu with:
    wildcard_constraints:
        judge=one_of(judges_run(Place.CARD)),
    resources:
        mem_mb=16000,
        runtime=720,
        timeout_seconds=judge_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
        gpu=lambda wildcards: judge_of(wildcards).judging_model.gpu_need(),
        slots_per_gpu=lambda wildcards: judge_of(wildcards).judging_model.slots_per_gpu,


use rule judgements_local as judgements_server with:
    wildcard_constraints:
        judge=one_of(judges_run(Place.SERVER)),
    resources:
        **judge_tokens(),
        mem_mb=2000,
        runtime=720,
        timeout_seconds=judge_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
