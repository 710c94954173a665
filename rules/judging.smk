"""Judging: from judgements to scores with their coverage, and to tables about judges.

Needs:  results/{dataset}/judgements/{judge}.jsonl
        results/{dataset}/scores/{model}.json                   for production judges
Makes:  results/{dataset}/judge_scores.csv                      by judge, model, retriever, metric
        results/{dataset}/tables/judges/{table}.csv                    the meta-evaluation of judges: docs/judges.md
        results/{dataset}/tables/judges/by_production_judge.csv        the models of a label dataset
"""


rule judge_tables:
    input:
        judgements=collect(each(layout.JUDGEMENTS), judge=names.judged_by),
        labels=files.human_labels,
    output:
        **{
            name: in_report(table(f"judges/{name}"), "Judges")
            for name in layout.JUDGE_TABLES
        },
        judge_scores=in_report(table("judge_scores"), "Judges"),
    log:
        "<logs>/judge_tables/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        min_coverage=cfg.judging.min_coverage,
        method=cfg.judging.consensus,
        weighted=cfg.judging.weighted,
        judges=settings.judges,
        families=settings.families,
        controls=settings.controls,
        code=code("judge_tables"),
    script:
        "../scripts/judge_tables.py"


rule production_judges:
    input:
        summaries=SUMMARIES,
    output:
        out=in_report(table("judges/by_production_judge"), "Judges"),
    log:
        "<logs>/production_judges/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        code=code("production_judges"),
    script:
        "../scripts/production_judges.py"


rule plan:
    """The calls and cost of judges beyond their journals (docs/judges.md)."""
    log:
        "<logs>/plan.log",
    localrule: True
    conda:
        CPU
    params:
        jobs=lambda wildcards: wf.judge_jobs(),
    script:
        "../scripts/plan.py"
