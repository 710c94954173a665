"""Of databases, and of what is read from them."""

from modellab.config.databases import databases_of, embedded_path, sql_of


wildcard_constraints:
    database=one_of(cfg.databases),


def database_files(wildcards):
    """The file of a dump, those of its folder, or an SQLite file that is there already."""
    options = cfg.databases[wildcards.database]
    dump = options.dump
    if dump is None:
        return options.files()
    return sorted(map(str, dump.iterdir())) if dump.is_dir() else [str(dump)]


def is_embedded(name):
    """Whether a database is a file among the results."""
    return cfg.databases[name].embedded()


def rows_files(options):
    """What rows of databases depend on: the stamps of those by name, and the files of SQLite."""
    names = databases_of(options)
    stamps = [f"<results>/databases/{name}.json" for name in names]
    made = [f"<results>/databases/{name}.db" for name in names if is_embedded(name)]
    # a stamp counts rows: a file that is there may change and have as many
    there = [file for name in names for file in cfg.databases[name].files()]
    own = [file for _, sql in sql_of(options) for file in sql.files()]
    return stamps + made + there + own
