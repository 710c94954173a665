"""Compare: all models' scores in, one table each out.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/scores/{model}.csv and .json
Makes:  results/{dataset}/matrix.csv        a row per question, five columns per system
        results/{dataset}/leaderboard.csv   a row per system, every component with its count
"""


rule leaderboard:
    input:
        summaries=score_summaries,
        statistics="<results>/{dataset}/statistics.csv",
        ranks="<results>/{dataset}/ranks.csv",
    output:
        "<results>/{dataset}/leaderboard.csv",
    log:
        "<logs>/leaderboard/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        missing=models_missing,
        code=code_digest(
            ["modellab.compare.leaderboard", "modellab.compare.score_files"]
        ),
    message:
        "ranking the models on {wildcards.dataset}"
    script:
        "../scripts/leaderboard.py"


rule matrix:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        "<results>/{dataset}/matrix.csv",
    log:
        "<logs>/matrix/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        missing=models_missing,
        code=code_digest(["modellab.compare.matrix", "modellab.compare.score_files"]),
    message:
        "laying the answers on {wildcards.dataset} side by side"
    script:
        "../scripts/matrix.py"
