"""Corpus: documents in, chunks out.

Needs:  the files of each corpus in the config
Makes:  results/corpora/{corpus}/chunks.jsonl
"""


rule chunks:
    input:
        corpus_files,
    output:
        "<results>/corpora/{corpus}/chunks.jsonl",
    log:
        "<logs>/chunks/{corpus}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        options=lambda wildcards: plain(cfg.corpora[wildcards.corpus]),
        code=code_digest(["modellab.corpus.reading", "modellab.retrieve"]),
    message:
        "cutting the documents of {wildcards.corpus} into chunks"
    script:
        "../scripts/chunks.py"
