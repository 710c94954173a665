"""Usage: what real users asked in, which chunks and topics it is about out.

Needs:  results/corpora/{corpus}/chunks.jsonl and an index, a table of questions
Makes:  results/usage/{usage}/tables/            utilisation, chunk uses, topics, domain
        results/usage/{usage}/{picture}.png  .svg  .pdf
"""

from modellab.reporting.plots import USAGE_PICTURES


rule usage_of:
    input:
        questions=usage_files,
        chunks=lambda wildcards: CHUNKS.format(corpus=cfg.usage[wildcards.usage].corpus),
        index=usage_index,
        databases=databases_of_topics,
    output:
        folder=directory("<results>/usage/{usage}/tables"),
        png=[f"<results>/usage/{{usage}}/{picture}.png" for picture in USAGE_PICTURES],
        svg=[
            in_report(f"<results>/usage/{{usage}}/{picture}.svg", "Usage")
            for picture in USAGE_PICTURES
        ],
        pdf=[f"<results>/usage/{{usage}}/{picture}.pdf" for picture in USAGE_PICTURES],
    log:
        "<logs>/usage/{usage}.log",
    conda:
        "../envs/usage.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=lambda wildcards: plain(cfg.usage[wildcards.usage]),
        retriever=lambda wildcards: plain(
            retriever_options(cfg.usage[wildcards.usage].retriever)
        ),
        embedder=lambda wildcards: plain(usage_embedder(wildcards)),
        journals=vector_journals(),
        seed=cfg.seed,
        code=usage_code,
    message:
        "looking at what users asked: {wildcards.usage}"
    script:
        "../scripts/usage_of.py"
