"""Ranking: several metrics of all models in, one order of them out.

For datasets that name a `ranking`.

Needs:  results/{dataset}/scores/{model}.json, judge_scores.csv where there are judges
Makes:  results/{dataset}/overall_ranking.csv                 a row per retriever and model
        results/{dataset}/rank_summary.csv  .md  .html        the same to be read
"""


rule ranking:
    input:
        summaries=score_summaries,
        judged=judge_scores_of,
    output:
        table=in_report("<results>/{dataset}/overall_ranking.csv", "Ranking"),
        summary="<results>/{dataset}/rank_summary.csv",
        markdown="<results>/{dataset}/rank_summary.md",
        html="<results>/{dataset}/rank_summary.html",
    log:
        "<logs>/ranking/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(ranked_datasets()),
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        options=lambda wildcards: plain(cfg.datasets[wildcards.dataset].ranking),
        missing=models_missing,
        code=code_digest(
            [
                "modellab.evaluation.compare.ranking_files",
                "modellab.evaluation.compare.score_files",
            ]
        ),
    message:
        "ranking the pairs of {wildcards.dataset} by several metrics"
    script:
        "../scripts/ranking.py"
