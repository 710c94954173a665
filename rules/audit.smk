"""Audit: all that a dataset's runs left behind in, what is wrong with them out.

Needs:  results/{dataset}/scores/{model}.csv and .json, predictions/{model}.jsonl, runs/{model}.json
        results/{dataset}/contexts/{retriever}.jsonl
Makes:  results/{dataset}/audit.csv   a row per system and check, and one per retriever
        results/{dataset}/audit.md    the same to be read: what did not pass
"""


rule audit_table:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
        predictions=lambda wildcards: source_files("predictions", wildcards.dataset),
        runs=lambda wildcards: source_files("runs", wildcards.dataset),
        contexts=contexts_that_search,
        task=task_files,
    output:
        table=in_report("<results>/{dataset}/audit.csv", "Audit"),
        page="<results>/{dataset}/audit.md",
    log:
        "<logs>/audit_table/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        thresholds=cfg.audit.model_dump(mode="json", exclude={"strict"}),
        task=lambda wildcards: plain(cfg.datasets[wildcards.dataset].task),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        code=lambda wildcards: code_digest(
            [
                "modellab.evaluation.audit.table",
                "modellab.evaluation.audit.subjects",
                *scorer_modules(wildcards),
            ]
        ),
    message:
        "looking over the runs on {wildcards.dataset}"
    script:
        "../scripts/audit_table.py"


rule audit:
    """What did not pass; exit code 1 with `audit: strict: true` (docs/audit.md)."""
    input:
        tables=collect("<results>/{dataset}/audit.csv", dataset=cfg.datasets),
        pages=collect("<results>/{dataset}/audit.md", dataset=cfg.datasets),
    log:
        "<logs>/audit.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        strict=cfg.audit.strict,
    message:
        "telling what did not pass the audits"
    script:
        "../scripts/audit.py"
