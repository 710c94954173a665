"""Status: the tables of a dataset and the targets of the config in, one word for it all out.

Needs:  results/{dataset}/scores/{model}.json, and the tables that the targets are about
Makes:  results/{dataset}/status.csv     every metric that has a target, beside it
        results/{dataset}/status.json    the whole: good, attention, critical, insufficient data
"""


rule status_of:
    input:
        summaries=score_summaries,
        tables=lambda wildcards: list(rated_tables(wildcards).values()),
    output:
        table="<results>/{dataset}/status.csv",
        record="<results>/{dataset}/status.json",
    log:
        "<logs>/status/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        names=lambda wildcards: list(rated_tables(wildcards)),
        targets=targets_of,
        missing=models_missing,
        code=code_digest(["modellab.evaluation.targets.table"]),
    message:
        "holding the results on {wildcards.dataset} against the targets"
    script:
        "../scripts/status_of.py"
