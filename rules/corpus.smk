"""Corpus: documents in, chunks out.

Needs:  the files of each corpus in the config
Makes:  results/corpora/{corpus}/chunks.jsonl
"""


def corpus_files(wildcards):
    path = cfg.corpora[wildcards.corpus].path
    if not path.is_dir():
        return [str(path)]
    return sorted(str(file) for file in path.rglob("[!.]*") if file.is_file())


rule chunks:
    input:
        corpus_files,
    output:
        "<results>/corpora/{corpus}/chunks.jsonl",
    log:
        "<logs>/chunks/{corpus}.log",
    params:
        options=lambda wildcards: plain(cfg.corpora[wildcards.corpus]),
        code=code_digest(["modellab.corpus.reading", "modellab.retrieve"]),
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    conda:
        "../envs/retrieval.yaml"
    message:
        "cutting the documents of {wildcards.corpus} into chunks"
    script:
        "../scripts/chunks.py"
