"""Of what users asked."""

from modellab.core.code import code_digest


def query_log_files(wildcards):
    """The table of questions, or what its rows of a database depend on."""
    options = cfg.query_logs[wildcards.query_log]
    return rows_files(options.sql) if options.sql else [str(options.questions)]


def query_log_embedder(wildcards):
    """What makes the vectors of topics."""
    return cfg.embedders[cfg.query_logs[wildcards.query_log].embedder]


def databases_of_topics(wildcards):
    """The databases that it reads vectors of."""
    return rows_files(query_log_embedder(wildcards))


def query_log_index(wildcards):
    options = cfg.query_logs[wildcards.query_log]
    return f"<results>/corpora/{options.corpus}/indexes/{options.retriever}"


def query_log_code(wildcards):
    found_by = retriever_options(cfg.query_logs[wildcards.query_log].retriever)
    modules = {
        type(made).__module__ for made in (found_by, query_log_embedder(wildcards))
    }
    return code_digest(
        [
            "modellab.evaluation.query_log.analysis",
            "modellab.reporting.plots.query_log",
            *sorted(modules),
        ]
    )
