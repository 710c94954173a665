"""Retrieval: questions and chunks in, one context per question and retriever out.

Needs:  results/corpora/{corpus}/chunks.jsonl, the files of questions
Makes:  results/{dataset}/questions.jsonl
        results/corpora/{corpus}/indexes/{retriever}/
        results/{dataset}/contexts/{retriever}.jsonl
"""

CHUNKS = "<results>/corpora/{corpus}/chunks.jsonl"


def chunks_of_dataset(wildcards):
    return CHUNKS.format(corpus=corpus_of(wildcards))


def retriever_options(name):
    """A retriever's options, its embedder written out."""
    options = cfg.retrievers[name]
    embedder = getattr(options, "embedder", None)
    return options.with_embedder(cfg.embedders[embedder]) if embedder else options


def index_of(wildcards, retriever):
    return f"<results>/corpora/{corpus_of(wildcards)}/indexes/{retriever}"


def searched(retriever):
    """The retrievers whose indexes are asked: its own, or those that it fuses."""
    options = cfg.retrievers[retriever]
    return [retriever] if options.indexed else list(options.searches())


def indexes_of_context(wildcards):
    return [index_of(wildcards, name) for name in searched(wildcards.retriever)]


def contexts_of_context(wildcards):
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in cfg.retrievers[wildcards.retriever].rearranges()
    ]


def member_options(wildcards):
    return {name: plain(retriever_options(name)) for name in searched(wildcards.retriever)}


def retriever_code(wildcards):
    names = {wildcards.retriever, *searched(wildcards.retriever)}
    modules = {type(retriever_options(name)).__module__ for name in names}
    return code_digest(["modellab.retrieve", *sorted(modules)])


rule questions:
    input:
        questions=lambda wildcards: str(cfg.datasets[wildcards.dataset].questions),
        chunks=chunks_of_dataset,
    output:
        "<results>/{dataset}/questions.jsonl",
    log:
        "<logs>/questions/{dataset}.log",
    params:
        format=lambda wildcards: cfg.datasets[wildcards.dataset].format,
        limit=cfg.limit,
        code=code_digest(["modellab.questions.selection", "modellab.questions"]),
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    conda:
        "../envs/retrieval.yaml"
    message:
        "reading the questions of {wildcards.dataset}"
    script:
        "../scripts/questions.py"


rule index:
    input:
        chunks=CHUNKS,
    output:
        directory("<results>/corpora/{corpus}/indexes/{retriever}"),
    log:
        "<logs>/index/{corpus}/{retriever}.log",
    params:
        options=lambda wildcards: retriever_options(wildcards.retriever).index_options(),
        seed=cfg.seed,
        code=retriever_code,
    threads: 2
    resources:
        mem_mb=4000,
        runtime=120,
    conda:
        "../envs/retrieval.yaml"
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
    output:
        "<results>/{dataset}/contexts/{retriever}.jsonl",
    log:
        "<logs>/contexts/{dataset}/{retriever}.log",
    params:
        options=lambda wildcards: plain(retriever_options(wildcards.retriever)),
        members=member_options,
        seed=cfg.seed,
        code=retriever_code,
    threads: 2
    resources:
        mem_mb=4000,
        runtime=60,
    conda:
        "../envs/retrieval.yaml"
    message:
        "retrieving passages for {wildcards.dataset} with {wildcards.retriever}"
    script:
        "../scripts/contexts.py"
