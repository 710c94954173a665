"""Databases that corpora, questions and vectors are read from, restored from dumps.

Needs:  the dump of each database in the config, or the database itself
Makes:  results/databases/{database}.json   its content: dump, tables, rows
        results/databases/{database}.db     the tables, if it has no URL
"""

from modellab.config.entries import embedded_path


rule database:
    input:
        files=files.database,
    output:
        stamp="<results>/databases/{database}.json",
    log:
        "<logs>/database/{database}.log",
    wildcard_constraints:
        database=one_of(systems.databases(embedded=False)),
    conda:
        CPU
    params:
        options=of(key("databases")),
        embedded=lambda wildcards: str(embedded_path(cfg, wildcards.database)),
        code=code("database"),
    script:
        "../scripts/database.py"


use rule database as database_embedded with:
    output:
        stamp="<results>/databases/{database}.json",
        tables="<results>/databases/{database}.db",
    wildcard_constraints:
        database=one_of(systems.databases(embedded=True)),
