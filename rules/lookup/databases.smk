"""Of databases, and of what is read from them."""

from modellab.config.databases import databases_of, embedded_path, sql_of


wildcard_constraints:
    database=one_of(cfg.databases),


def dump_files(wildcards):
    """The file of a dump, or those of its folder."""
    dump = cfg.databases[wildcards.database].dump
    if dump is None:
        return []
    return sorted(map(str, dump.iterdir())) if dump.is_dir() else [str(dump)]


def is_embedded(name):
    """Whether a database is a file among the results."""
    return cfg.databases[name].embedded()


def rows_files(options):
    """What rows of databases depend on: the stamps of those by name, and the files of SQLite."""
    return [
        f"<results>/databases/{name}.{ending}"
        for name in databases_of(options)
        for ending in (("json", "db") if is_embedded(name) else ("json",))
    ] + [file for _, sql in sql_of(options) for file in sql.files()]
