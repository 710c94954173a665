"""Statistics: all models' marked rows in, how sure their scores are out.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/scores/{model}.csv and .json
Makes:  results/{dataset}/statistics.csv    every component of every system with its interval
        results/{dataset}/comparisons.csv   every pair of systems: difference, interval, p-value
        results/{dataset}/ranks.csv         every system's place, and whether it may be the best
        results/{dataset}/minimum_detectable_effect.csv    the smallest difference that the questions can show
        results/{dataset}/noise_budget.csv  what the variance of each score is made of
"""


rule statistics_of:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        estimates=in_report("<results>/{dataset}/statistics.csv", "Ranking"),
        comparisons=in_report("<results>/{dataset}/comparisons.csv", "Ranking"),
        ranks=in_report("<results>/{dataset}/ranks.csv", "Ranking"),
        detectable=in_report(
            "<results>/{dataset}/minimum_detectable_effect.csv", "Ranking"
        ),
        noise=in_report("<results>/{dataset}/noise_budget.csv", "Ranking"),
    log:
        "<logs>/statistics/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 2
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=plain(cfg.statistics),
        task=lambda wildcards: plain(cfg.datasets[wildcards.dataset].task),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        seed=cfg.seed,
        code=lambda wildcards: code_digest(
            ["modellab.evaluation.statistics.tables", *scorer_modules(wildcards)]
        ),
    message:
        "telling chance from difference on {wildcards.dataset}"
    script:
        "../scripts/statistics_of.py"
