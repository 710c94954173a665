"""Judges: all judgements of a dataset in, scores with their coverage and tables about judges out.

Needs:  results/{dataset}/judgements/{judge}/{model}.jsonl
        results/{dataset}/scores/{model}.json               for production judges
Makes:  results/{dataset}/judge_scores.csv                  by judge, model, retriever, metric
        results/{dataset}/judges/{table}.csv                the judges judged: docs/judges.md
        results/{dataset}/judges/by_production_judge.csv    the models of a label dataset
"""

from modellab.judging.tables import TABLES as JUDGE_TABLES


rule judge_scores:
    input:
        judgements=judgement_files,
    output:
        in_report("<results>/{dataset}/judge_scores.csv", "Judges"),
    log:
        "<logs>/judge_scores/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        pairs=judged_pairs,
        judges=described_judges,
        min_coverage=cfg.judging.min_coverage,
        code=code_digest(["modellab.judging.tables"]),
    message:
        "summing up the judgements of {wildcards.dataset}"
    script:
        "../scripts/judge_scores.py"


rule judge_tables:
    input:
        judgements=judgement_files,
        labels=human_labels,
    output:
        **{
            table: in_report(f"<results>/{{dataset}}/judges/{table}.csv", "Judges")
            for table in JUDGE_TABLES
        },
    log:
        "<logs>/judge_tables/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        pairs=judged_pairs,
        judges=described_judges,
        families=families_of_models,
        controls=controls_of_models,
        judging=cfg.judging.model_dump(
            mode="json", include={"min_coverage", "consensus", "weighted"}
        ),
        code=code_digest(["modellab.judging.tables"]),
    message:
        "judging the judges of {wildcards.dataset}"
    script:
        "../scripts/judge_tables.py"


rule production_judges:
    input:
        summaries=score_summaries,
    output:
        in_report("<results>/{dataset}/judges/by_production_judge.csv", "Judges"),
    log:
        "<logs>/production_judges/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest(
            ["modellab.judging.tables", "modellab.evaluation.compare.score_files"]
        ),
    message:
        "comparing production judges on {wildcards.dataset}"
    script:
        "../scripts/production_judges.py"


rule plan:
    """What judges would be asked and cost, and what the journals have (docs/judges.md)."""
    log:
        "<logs>/plan.log",
    conda:
        "../envs/predictions.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        jobs=lambda wildcards: planned_jobs(),
    message:
        "counting what judges would be asked"
    script:
        "../scripts/plan.py"
