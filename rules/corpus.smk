"""Corpus: documents in, chunks out.

Needs:  the files (or the database) of each corpus in the config
Makes:  results/corpora/{corpus}/chunks.jsonl
        results/corpora/{corpus}/documents.csv   what became of each document
"""


rule chunks:
    input:
        corpus_files,
    output:
        chunks="<results>/corpora/{corpus}/chunks.jsonl",
        documents="<results>/corpora/{corpus}/documents.csv",
    log:
        "<logs>/chunks/{corpus}.log",
    conda:
        "../envs/retrieval.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        options=lambda wildcards: cfg.corpora[wildcards.corpus].decides_chunks(),
        code=code_digest(["modellab.corpus.build"]),
    message:
        "cutting the documents of {wildcards.corpus} into chunks"
    script:
        "../scripts/chunks.py"
