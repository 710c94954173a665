"""Corpus: from documents to chunks.

Needs:  the files (or the database) of each corpus in the config
Makes:  results/corpora/{corpus}/chunks.jsonl
        results/corpora/{corpus}/documents.csv   status of each document
"""


rule chunks:
    input:
        files.corpus,
    output:
        chunks=CHUNKS,
        documents="<results>/corpora/{corpus}/documents.csv",
    log:
        "<logs>/chunks/{corpus}.log",
    conda:
        CPU
    params:
        options=key("corpora", "decides_chunks"),
        code=code("chunks"),
    script:
        "../scripts/chunks.py"
