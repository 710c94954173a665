"""Databases that corpora, questions and vectors are read from, restored from dumps.

Needs:  the dump of each database in the config, or the database itself
Makes:  results/databases/{database}.json   what it holds: dump, tables, rows
        results/databases/{database}.db     the tables, if it has no URL
"""


rule database:
    input:
        files=database_files,
    output:
        stamp="<results>/databases/{database}.json",
    log:
        "<logs>/databases/{database}.log",
    wildcard_constraints:
        database=one_of([name for name in cfg.databases if not is_embedded(name)]),
    conda:
        "../envs/databases.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=720,
    params:
        options=lambda wildcards: plain(cfg.databases[wildcards.database]),
        embedded=lambda wildcards: str(embedded_path(cfg, wildcards.database)),
        code=code_digest(["modellab.core.io.sql.loading"]),
    message:
        "filling the database {wildcards.database}"
    script:
        "../scripts/database.py"


use rule database as database_embedded with:
    output:
        stamp="<results>/databases/{database}.json",
        tables="<results>/databases/{database}.db",
    wildcard_constraints:
        database=one_of([name for name in cfg.databases if is_embedded(name)]),
