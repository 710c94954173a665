"""Retrieval: questions and chunks in, one context per question and retriever out.

Needs:  results/corpora/{corpus}/chunks.jsonl  documents.csv, the files of questions
Makes:  results/{dataset}/questions.jsonl
        results/{dataset}/truth_check.csv   true answers that their own scorer marks wrong
        results/{dataset}/data_card.json  .md
        results/corpora/{corpus}/indexes/{retriever}/
        results/{dataset}/contexts/{retriever}.jsonl
        results/{dataset}/contexts/runs/{retriever}.json    what the search took
        results/corpora/{corpus}/embedding_coverage.csv
Keeps:  results/vectors/                          the vectors that finished models made
"""


rule questions:
    input:
        questions=questions_of_dataset,
        files=question_files,
        task=task_files,
        chunks=chunks_of_dataset,
        documents=documents_of_dataset,
    output:
        "<results>/{dataset}/questions.jsonl",
    log:
        "<logs>/questions/{dataset}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        format=lambda wildcards: plain(cfg.datasets[wildcards.dataset].written_as),
        sql=question_sql,
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task.cache_key_fields(),
        split=lambda wildcards: cfg.datasets[wildcards.dataset].split,
        limit=cfg.limit,
        code=question_code,
    message:
        "reading the questions of {wildcards.dataset}"
    script:
        "../scripts/questions.py"


rule truth_check:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        task=task_files,
    output:
        "<results>/{dataset}/truth_check.csv",
    log:
        "<logs>/truth_check/{dataset}.log",
    # As soon as there are questions, before models are asked: predictions have 10. It is no input
    # of theirs, since another scorer is no reason to ask again.
    priority: 20
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        task=lambda wildcards: cfg.datasets[wildcards.dataset].task.cache_key_fields(),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        code=truth_check_code,
    message:
        "putting the true answers of {wildcards.dataset} to their own scorer"
    script:
        "../scripts/truth_check.py"


rule data_card:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        truths="<results>/{dataset}/truth_check.csv",
        chunks=chunks_of_dataset,
    output:
        card="<results>/{dataset}/data_card.json",
        text="<results>/{dataset}/data_card.md",
    log:
        "<logs>/data_card/{dataset}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        language=lambda wildcards: told_language(cfg, wildcards.dataset),
        corpus_language=language_of_corpus,
        code=code_digest(["modellab.questions.data_card"]),
    message:
        "telling what the questions of {wildcards.dataset} are made of"
    script:
        "../scripts/data_card.py"


rule index:
    input:
        chunks=CHUNKS,
        databases=databases_of_retriever,
    output:
        directory("<results>/corpora/{corpus}/indexes/{retriever}"),
    log:
        "<logs>/index/{corpus}/{retriever}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: retriever_threads
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=lambda wildcards: retriever_options(wildcards.retriever).index_options(),
        language=lambda wildcards: cfg.corpora[wildcards.corpus].language,
        seed=cfg.seed,
        journals=vector_journals(),
        code=retriever_code,
    message:
        "indexing {wildcards.corpus} for {wildcards.retriever}"
    script:
        "../scripts/index.py"


rule contexts:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        chunks=chunks_of_dataset,
        indexes=indexes_of_context,
        contexts=contexts_of_context,
        plans=plans_of_context,
    output:
        contexts="<results>/{dataset}/contexts/{retriever}.jsonl",
        record="<results>/{dataset}/contexts/runs/{retriever}.json",
    log:
        "<logs>/contexts/{dataset}/{retriever}.log",
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
        code=retriever_code,
    message:
        "retrieving passages for {wildcards.dataset} with {wildcards.retriever}"
    script:
        "../scripts/contexts.py"


rule embedding_coverage_of:
    input:
        chunks=CHUNKS,
        indexes=vector_indexes,
    output:
        "<results>/corpora/{corpus}/embedding_coverage.csv",
    log:
        "<logs>/embedding_coverage/{corpus}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_digest(["modellab.retrieval.embedding_coverage"]),
    message:
        "comparing the vectors of {wildcards.corpus} with its chunks"
    script:
        "../scripts/embedding_coverage_of.py"
