"""Generation: query plans and answers.

One job per model and dataset: the model is loaded once, in its own process. There are three rules
for each: for models on the CPU, on GPUs, and behind a server, so that a cluster sends only the
second to GPU nodes.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers
        results/{dataset}/runs/{model}.json           the record of the run
        results/{dataset}/plans/{retriever}.jsonl     queries and replies
        results/{dataset}/plans/runs/{retriever}.json the record of the run
Keeps:  results/{dataset}/journal/{model}.jsonl       every answer, written immediately
        results/{dataset}/journal/plans/{retriever}.jsonl
"""


rule query_plans_local:
    input:
        questions=QUESTIONS,
        prompt=files.planner_prompt,
        weights=files.files_in(entries.planner),
    output:
        plans=own(layout.PLANS),
        run=own(layout.PLANS_RUN),
    log:
        "<logs>/query_plans/{dataset}/{retriever}.log",
    wildcard_constraints:
        retriever=one_of(systems.planners_in("process")),
    conda:
        CPU
    threads: asking.threads(entries.planner)
    resources:
        **asking.resources(entries.planner),
    params:
        model=key("retrievers", "planner"),
        options=key_of(entries.planner),
        max_queries=key("retrievers", "max_queries"),
        journal=asking.planner_journal,
        round=asking.round(asking.planner_journal),
        seed=asking.seed(entries.planner),
        code=code("query_plans", entries.planner),
    script:
        "../scripts/query_plans.py"


use rule query_plans_local as query_plans_gpu with:
    wildcard_constraints:
        retriever=one_of(systems.planners_in("gpu")),
    conda:
        GPU


use rule query_plans_local as query_plans_server with:
    wildcard_constraints:
        retriever=one_of(systems.planners_in("server")),


rule predictions_local:
    input:
        questions=QUESTIONS,
        contexts=collect(CONTEXTS, retriever=names.contexts),
        prompt=files.prompt,
        weights=files.files_in(entries.model),
        schema=files.files_in(entries.task),
        plan=wf.rounds.of_part,
    output:
        predictions=own(layout.PREDICTIONS),
        run=own(layout.RUN),
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    wildcard_constraints:
        model=one_of(systems.models_in("process")),
    # the longest jobs first, before tables and plots of other models
    priority: 10
    conda:
        CPU
    threads: asking.threads(entries.model)
    resources:
        **asking.resources(entries.model),
    params:
        options=asking.model,
        task=key_of(entries.task),
        journal=asking.journal,
        round=asking.round(asking.journal),
        seed=asking.seed(entries.model),
        code=code("predictions", entries.model, entries.task),
    script:
        "../scripts/predictions.py"


use rule predictions_local as predictions_gpu with:
    wildcard_constraints:
        model=one_of(systems.models_in("gpu")),
    conda:
        GPU


use rule predictions_local as predictions_server with:
    wildcard_constraints:
        model=one_of(systems.models_in("server")),


rule shards:
    """The predictions of a model in shards, which are separate jobs of the rules above."""
    input:
        questions=QUESTIONS,
        predictions=collect(each(layout.PREDICTIONS), model=names.shards),
        runs=collect(each(layout.RUN), model=names.shards),
    output:
        out=own(layout.PREDICTIONS),
        run=own(layout.RUN),
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    wildcard_constraints:
        model=one_of(systems.in_shards()),
    localrule: True
    conda:
        CPU
    params:
        code=code("shards"),
    script:
        "../scripts/shards.py"
