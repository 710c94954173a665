"""Of what users asked."""


def usage_files(wildcards):
    """The table of questions, or what its rows of a database depend on."""
    options = cfg.usage[wildcards.usage]
    return rows_files(options.sql) if options.sql else [str(options.questions)]


def usage_embedder(wildcards):
    """What makes the vectors of topics."""
    return cfg.embedders[cfg.usage[wildcards.usage].embedder]


def databases_of_topics(wildcards):
    """The databases that it reads vectors of."""
    return rows_files(usage_embedder(wildcards))


def usage_index(wildcards):
    options = cfg.usage[wildcards.usage]
    return f"<results>/corpora/{options.corpus}/indexes/{options.retriever}"
