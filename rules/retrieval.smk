"""Retrieval: from questions and chunks to a context per question and retriever.

Needs:  results/corpora/{corpus}/chunks.jsonl, results/{dataset}/questions.jsonl
        results/{dataset}/plans/{retriever}.jsonl           of retrievers with a planner
Makes:  results/corpora/{corpus}/indexes/{retriever}/
        results/{dataset}/contexts/{retriever}.jsonl
        results/{dataset}/contexts/runs/{retriever}.json    the resource usage of retrieval
        results/{dataset}/rankings/{retriever}.jsonl        rankings to a greater depth
        results/corpora/{corpus}/embedding_coverage.csv
Keeps:  results/vectors/                                    vectors of pretrained models
"""


rule index:
    input:
        chunks=CHUNKS,
        databases=files.databases(entries.retriever),
    output:
        folder=directory("<results>/corpora/{corpus}/indexes/{retriever}"),
    log:
        "<logs>/index/{corpus}/{retriever}.log",
    conda:
        CPU
    threads: entries.search_threads
    resources:
        mem_mb=entries.index_megabytes,
    params:
        options=lambda wildcards: entries.retriever(wildcards).index_options(),
        language=settings.corpus_language,
        seed=cfg.seed,
        journals=VECTORS,
        code=code("index", entries.search),
    script:
        "../scripts/index.py"


rule contexts:
    input:
        questions=QUESTIONS,
        chunks=collect(CHUNKS, corpus=names.corpus),
        indexes=collect(INDEXES, corpus=names.corpus, retriever=names.indexed),
        contexts=collect(CONTEXTS, retriever=names.starts_from),
        plans=collect(PLANS, retriever=names.planned),
        files=files.files_in(entries.search),
    output:
        out=own(layout.CONTEXTS),
        record=own(layout.SEARCH),
        rankings=own(layout.RANKINGS),
    log:
        "<logs>/contexts/{dataset}/{retriever}.log",
    conda:
        CPU
    threads: entries.search_threads
    params:
        options=of(entries.retriever),
        members=settings.searched,
        seed=cfg.seed,
        journals=VECTORS,
        code=code("contexts", entries.search),
    script:
        "../scripts/contexts.py"


rule embedding_coverage_table:
    input:
        chunks=CHUNKS,
        indexes=collect(
            "<results>/corpora/{{corpus}}/indexes/{retriever}",
            retriever=systems.with_vectors(),
        ),
    output:
        out="<results>/corpora/{corpus}/embedding_coverage.csv",
    log:
        "<logs>/embedding_coverage_table/{corpus}.log",
    conda:
        CPU
    params:
        code=code("embedding_coverage_table"),
    script:
        "../scripts/embedding_coverage_table.py"
