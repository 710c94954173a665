"""Of the tables that tell where quality is lost."""

from modellab.core.code import code_digest

ABOUT_ANSWERS = ("efficiency", "consistency")
ABOUT_PASSAGES = ("retrieval", "embedding_space", "error_attribution")


def diagnostics():
    """The tables of each dataset: those on passages where there is a corpus."""
    return [
        f"<results>/{name}/{table}.csv"
        for name, dataset in cfg.datasets.items()
        for table in (*ABOUT_ANSWERS, *(ABOUT_PASSAGES if dataset.corpus else ()))
    ]


def ranking_code(wildcards):
    return [code_digest(["modellab.retrieval.rankings"]), retriever_code(wildcards)]


def indexes_with_embedder(wildcards):
    """The indexes that an embedder made the vectors of."""
    return [
        index_of(wildcards, name)
        for name in retrievers_on(wildcards.dataset)
        if getattr(cfg.retrievers[name], "embedder", None) == wildcards.embedder
    ]


def databases_of_embedder(wildcards):
    """The databases that an embedder reads vectors of."""
    return rows_files(cfg.embedders[wildcards.embedder])


def embedder_code(wildcards):
    embedder = type(cfg.embedders[wildcards.embedder]).__module__
    return code_digest(["modellab.evaluation.diagnostics.embedding_table", embedder])


def per_finder(wildcards, folder):
    """A file in that folder for each retriever whose passages can be right or wrong."""
    return [
        f"<results>/{wildcards.dataset}/{folder}/{name}.jsonl"
        for name in retrievers_on(wildcards.dataset)
        if cfg.retrievers[name].role in ("retrieved", "oracle")
    ]


def roles_of_retrievers(wildcards):
    """The retrievers of a dataset by what a score with them stands for."""
    names = retrievers_on(wildcards.dataset)

    def having(role):
        return [name for name in names if cfg.retrievers[name].role == role]

    return {
        "retrieved": having("retrieved"),
        "oracle": next(iter(having("oracle")), None),
        "none": next(iter(having("none")), None),
        "shuffled": {name: cfg.retrievers[name].of for name in having("shuffled")},
    }


def answers_embedder(dataset):
    """What tells how near answers are: the scorer's embedder, or else the config's first for it."""
    own = getattr(scorer_options(dataset), "embedder", None)
    able = [options for options in cfg.embedders.values() if options.knows_any_text()]
    return own or next(iter(able), None)


def embedder_of_answers(wildcards):
    options = answers_embedder(wildcards.dataset)
    return plain(options) if options else None


def databases_of_answers(wildcards):
    """The databases that vectors of answers stand in."""
    return rows_files(answers_embedder(wildcards.dataset))


def record_rules(wildcards):
    """How values of extracted records are compared, where there are any."""
    extracts = task_of(wildcards).kind == "extract"
    return plain(scorer_options(wildcards.dataset)) if extracts else None


def consistency_code(wildcards):
    embedders = {type(options).__module__ for options in cfg.embedders.values()}
    return code_digest(
        ["modellab.evaluation.diagnostics.consistency_table", *sorted(embedders)]
    )


def runs_of_dataset(wildcards):
    return collect(
        "<results>/{dataset}/runs/{model}.json",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )
