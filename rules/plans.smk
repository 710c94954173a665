"""Plans: questions in, the queries that a model makes of them out.

One job per dataset and retriever of kind `planned`, apart from retrieval, which loads no language
model. Where the model runs makes three rules of one script, as for predictions.

Needs:  results/{dataset}/questions.jsonl
Makes:  results/{dataset}/plans/{retriever}.jsonl          queries and whole replies
        results/{dataset}/plans/runs/{retriever}.json      how they were made, and counts
Keeps:  results/{dataset}/journal/plans/{retriever}.jsonl  every reply the moment it exists
"""

from modellab.models.protocol import Place


rule plans_local:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        prompt=planner_prompt,
        model=planner_files,
    output:
        plans="<results>/{dataset}/plans/{retriever}.jsonl",
        run="<results>/{dataset}/plans/runs/{retriever}.json",
    log:
        "<logs>/plans/{dataset}/{retriever}.log",
    wildcard_constraints:
        retriever=one_of(planners_run(Place.PROCESS)),
    conda:
        "../envs/predictions.yaml"
    threads: lambda wildcards: planner_of(wildcards).threads
    resources:
        mem_mb=8000,
        runtime=720,
        timeout_seconds=planner_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
    params:
        model=lambda wildcards: cfg.retrievers[wildcards.retriever].planner(),
        options=lambda wildcards: planner_of(wildcards).cache_key_fields(),
        plan=lambda wildcards: cfg.retrievers[wildcards.retriever].plan_options(),
        journal=planner_journal,
        round=lambda wildcards: round_of(planner_journal(wildcards)),
        seed=planner_seed,
        code=planner_code,
    message:
        "planning searches for {wildcards.dataset} with {wildcards.retriever}"
    script:
        "../scripts/plans.py"


use rule plans_local as plans_gpu with:
    wildcard_constraints:
        retriever=one_of(planners_run(Place.CARD)),
    resources:
        mem_mb=16000,
        runtime=720,
        timeout_seconds=planner_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
        gpu=lambda wildcards: planner_of(wildcards).gpu_need(),
        slots_per_gpu=lambda wildcards: planner_of(wildcards).slots_per_gpu,


use rule plans_local as plans_server with:
    wildcard_constraints:
        retriever=one_of(planners_run(Place.SERVER)),
    resources:
        **planner_tokens(),
        mem_mb=2000,
        runtime=720,
        timeout_seconds=planner_timeout_seconds,
        keep_failed=int(not cfg.retry_failed),
