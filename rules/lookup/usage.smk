"""Of what users asked."""


def usage_files(wildcards):
    """The table of questions, or the file of an SQLite database; of a server, nothing."""
    options = cfg.usage[wildcards.usage]
    return options.sql.files() if options.sql else [str(options.questions)]


def usage_index(wildcards):
    options = cfg.usage[wildcards.usage]
    return f"<results>/corpora/{options.corpus}/indexes/{options.retriever}"
