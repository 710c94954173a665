"""Usage: what real users asked in, which chunks and topics it is about out.

Needs:  results/corpora/{corpus}/chunks.jsonl and an index, a table of questions
Makes:  results/query_logs/{query_log}/tables/            utilisation, chunk uses, topics, domain
        results/query_logs/{query_log}/{picture}.png  .svg  .pdf
"""

from modellab.reporting.plots import QUERY_LOG_PICTURES


rule query_log:
    input:
        questions=query_log_files,
        chunks=lambda wildcards: CHUNKS.format(
            corpus=cfg.query_logs[wildcards.query_log].corpus
        ),
        index=query_log_index,
        databases=databases_of_topics,
    output:
        folder=directory("<results>/query_logs/{query_log}/tables"),
        png=[
            f"<results>/query_logs/{{query_log}}/{picture}.png"
            for picture in QUERY_LOG_PICTURES
        ],
        svg=[
            in_report(
                f"<results>/query_logs/{{query_log}}/{picture}.svg", "Query logs"
            )
            for picture in QUERY_LOG_PICTURES
        ],
        pdf=[
            f"<results>/query_logs/{{query_log}}/{picture}.pdf"
            for picture in QUERY_LOG_PICTURES
        ],
    log:
        "<logs>/query_logs/{query_log}.log",
    conda:
        "../envs/query_logs.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=lambda wildcards: plain(cfg.query_logs[wildcards.query_log]),
        retriever=lambda wildcards: plain(
            retriever_options(cfg.query_logs[wildcards.query_log].retriever)
        ),
        embedder=lambda wildcards: plain(query_log_embedder(wildcards)),
        journals=vector_journals(),
        seed=cfg.seed,
        code=query_log_code,
    message:
        "looking at what users asked: {wildcards.query_log}"
    script:
        "../scripts/query_log.py"
