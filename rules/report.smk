"""Report: all of a dataset's results in, one page that opens from disk out.

Needs:  questions, contexts, predictions, runs, scores, tables and plots of a dataset
Makes:  results/{dataset}/report/index.html   (and data/*.js beside it where a set is large)
"""


rule report:
    input:
        tables=tables_of,
        verdict="<results>/{dataset}/verdict.json",
        plots=plots_of,
        query_logs=query_logs_of_dataset,
        judged=judged_of_dataset,
        questions="<results>/{dataset}/questions.jsonl",
        card="<results>/{dataset}/data_card.json",
        contexts=contexts_of_dataset,
        predictions=lambda wildcards: source_files("predictions", wildcards.dataset),
        runs=lambda wildcards: source_files("runs", wildcards.dataset),
        summaries=score_summaries,
        rows=score_rows,
        task=task_files,
        recorded="<results>/{dataset}/recorded.json",
    output:
        directory("<results>/{dataset}/report"),
    log:
        "<logs>/report/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        folder=lambda wildcards: f"{cfg.results}/{wildcards.dataset}",
        models=lambda wildcards: models_of(wildcards.dataset),
        missing=models_missing,
        task=lambda wildcards: plain(task_of(wildcards)),
        settings=settings_of,
        code=report_code(),
    message:
        "writing the report of {wildcards.dataset}"
    script:
        "../scripts/report.py"
