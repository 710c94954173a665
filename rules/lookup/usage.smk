"""Of what users asked."""

from modellab.core.fingerprint import code_digest


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


def usage_code(wildcards):
    found_by = retriever_options(cfg.usage[wildcards.usage].retriever)
    modules = {type(made).__module__ for made in (found_by, usage_embedder(wildcards))}
    return code_digest(
        ["modellab.evaluation.query_log.analysis", "modellab.reporting.plots.usage", *sorted(modules)]
    )
