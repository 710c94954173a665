"""Diagnostics: why systems score as they do. Tables, none of which decides a score.

Needs:  questions, chunks, indexes, contexts, predictions and scores of a dataset
Makes:  results/{dataset}/rankings/{retriever}.jsonl         what a retriever ranks, deeper
        results/{dataset}/retrieval.csv  retrieval/          metrics of retrievers
        results/{dataset}/embedding_space.csv  embedding_space/{embedder}.csv
        results/{dataset}/error_attribution.csv                   what retrieval and reading lose
        results/{dataset}/consistency.csv                    agreement of repeats
        results/{dataset}/efficiency.csv                    times, speed, success
"""


rule rankings:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        chunks=chunks_of_dataset,
        indexes=indexes_of_context,
        contexts=contexts_of_context,
        plans=plans_of_context,
        # only so that it comes later: then the questions' vectors are made once. Not `ancient`:
        # with that, a change of the options would be seen a run too late.
        shown="<results>/{dataset}/contexts/{retriever}.jsonl",
    output:
        "<results>/{dataset}/rankings/{retriever}.jsonl",
    log:
        "<logs>/rankings/{dataset}/{retriever}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: retriever_threads
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=lambda wildcards: plain(retriever_options(wildcards.retriever)),
        members=member_options,
        seed=cfg.seed,
        journals=vector_journals(),
        code=ranking_code,
    message:
        "ranking chunks for {wildcards.dataset} with {wildcards.retriever}"
    script:
        "../scripts/rankings.py"


rule retrieval:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        rankings=lambda wildcards: per_finder(wildcards, "rankings"),
        contexts=lambda wildcards: per_finder(wildcards, "contexts"),
    output:
        folder=directory("<results>/{dataset}/retrieval"),
        table=in_report("<results>/{dataset}/retrieval.csv", "Retrieval"),
    log:
        "<logs>/retrieval/{dataset}.log",
    conda:
        "../envs/diagnostics.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        confidence=cfg.statistics.confidence,
        code=code_digest(["modellab.evaluation.diagnostics.retrieval"]),
    message:
        "judging the retrievers of {wildcards.dataset}"
    script:
        "../scripts/retrieval.py"


rule embedder_space:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        chunks=chunks_of_dataset,
        # only so that it comes later: then the chunks' vectors are made once
        indexes=indexes_with_embedder,
        databases=databases_of_embedder,
    output:
        "<results>/{dataset}/embedding_space/{embedder}.csv",
    log:
        "<logs>/embedder_space/{dataset}/{embedder}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: lambda wildcards: cfg.embedders[wildcards.embedder].threads
    resources:
        mem_mb=8000,
        runtime=60,
    params:
        options=lambda wildcards: plain(cfg.embedders[wildcards.embedder]),
        seed=cfg.seed,
        journals=vector_journals(),
        code=embedder_code,
    message:
        "measuring the vectors of {wildcards.embedder} on {wildcards.dataset}"
    script:
        "../scripts/embedder_space.py"


rule embedding_space:
    input:
        collect(
            "<results>/{{dataset}}/embedding_space/{embedder}.csv",
            embedder=cfg.embedders,
        ),
    output:
        in_report("<results>/{dataset}/embedding_space.csv", "Retrieval"),
    log:
        "<logs>/embedding_space/{dataset}.log",
    conda:
        "../envs/diagnostics.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest(["modellab.evaluation.diagnostics.embedding_table"]),
    message:
        "laying the embedders on {wildcards.dataset} side by side"
    script:
        "../scripts/embedding_space.py"


rule error_attribution:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        in_report("<results>/{dataset}/error_attribution.csv", "Retrieval"),
    log:
        "<logs>/error_attribution/{dataset}.log",
    conda:
        "../envs/diagnostics.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        roles=roles_of_retrievers,
        task=lambda wildcards: plain(task_of(wildcards)),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        statistics=plain(cfg.statistics),
        code=lambda wildcards: code_digest(
            [
                "modellab.evaluation.diagnostics.error_attribution",
                *scorer_modules(wildcards),
            ]
        ),
    message:
        "telling what retrieval and reading lose on {wildcards.dataset}"
    script:
        "../scripts/error_attribution.py"


rule efficiency:
    input:
        predictions=predictions_of_dataset,
        runs=runs_of_dataset,
        searches=lambda w: records_of_steps(w.dataset, steps_of_dataset(w.dataset)),
        plans=lambda w: plans_of_steps(w.dataset, steps_of_dataset(w.dataset)),
    output:
        in_report("<results>/{dataset}/efficiency.csv", "Resource usage"),
    log:
        "<logs>/efficiency/{dataset}.log",
    conda:
        "../envs/diagnostics.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        models=lambda wildcards: models_of(wildcards.dataset),
        code=code_digest(
            ["modellab.evaluation.diagnostics.efficiency", "modellab.retrieval.usage"]
        ),
    message:
        "timing the models on {wildcards.dataset}"
    script:
        "../scripts/efficiency.py"


rule consistency:
    input:
        predictions=predictions_of_dataset,
        scores=score_summaries,
        questions="<results>/{dataset}/questions.jsonl",
        chunks=chunks_of_dataset,
        databases=databases_of_answers,
    output:
        in_report("<results>/{dataset}/consistency.csv", "Answers"),
    log:
        "<logs>/consistency/{dataset}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        models=lambda wildcards: models_of(wildcards.dataset),
        embedder=embedder_of_answers,
        records=record_rules,
        seed=cfg.seed,
        journals=vector_journals(),
        code=consistency_code,
    message:
        "comparing the repeats on {wildcards.dataset}"
    script:
        "../scripts/consistency.py"
