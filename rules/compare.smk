"""Compare: all models' scores in, one table each out.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/scores/{model}.csv and .json
Makes:  results/{dataset}/matrix.csv        a row per question, five columns per system
        results/{dataset}/matrix_long.csv   a row per question, system and repeat
        results/{dataset}/errors.csv        what each system got wrong
        results/{dataset}/wrong_questions/{model}.csv
        results/{dataset}/agreement.csv     how far each two systems agree
        results/{dataset}/questions_by_difficulty.csv  unique_wins.csv
        results/{dataset}/leaderboard.csv   a row per system, every component with its count
        results/{dataset}/leaderboard.md  .tex  the same for papers
        results/{dataset}/verdict.json      which system is best, and how sure that is
"""


rule leaderboard:
    input:
        summaries=score_summaries,
        statistics="<results>/{dataset}/statistics.csv",
        ranks="<results>/{dataset}/ranks.csv",
    output:
        table=in_report("<results>/{dataset}/leaderboard.csv", "Ranking"),
        markdown="<results>/{dataset}/leaderboard.md",
        latex="<results>/{dataset}/leaderboard.tex",
        verdict="<results>/{dataset}/verdict.json",
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
            [
                "modellab.reporting.tables.leaderboard",
                "modellab.reporting.papers.files",
                "modellab.evaluation.compare.score_files",
                "modellab.evaluation.compare.verdict",
            ]
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
        code=code_digest(
            [
                "modellab.evaluation.compare.matrix",
                "modellab.evaluation.frame",
            ]
        ),
    message:
        "laying the answers on {wildcards.dataset} side by side"
    script:
        "../scripts/matrix.py"


rule matrix_long:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        "<results>/{dataset}/matrix_long.csv",
    log:
        "<logs>/matrix_long/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest(
            [
                "modellab.evaluation.compare.matrix",
                "modellab.evaluation.frame",
            ]
        ),
    message:
        "laying the answers on {wildcards.dataset} below each other"
    script:
        "../scripts/matrix_long.py"


rule errors:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        table=in_report("<results>/{dataset}/errors.csv", "Answers"),
        folder=directory("<results>/{dataset}/wrong_questions"),
    log:
        "<logs>/errors/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_digest(
            [
                "modellab.evaluation.compare.errors",
                "modellab.evaluation.frame",
            ]
        ),
    message:
        "listing the wrong answers on {wildcards.dataset}"
    script:
        "../scripts/errors.py"


rule agreement:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        summaries=score_summaries,
        rows=score_rows,
    output:
        agreement=in_report("<results>/{dataset}/agreement.csv", "Answers"),
        difficulty=in_report(
            "<results>/{dataset}/questions_by_difficulty.csv", "Answers"
        ),
        wins=in_report("<results>/{dataset}/unique_wins.csv", "Answers"),
    log:
        "<logs>/agreement/{dataset}.log",
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        kind=lambda wildcards: task_of(wildcards).kind,
        code=code_digest(
            [
                "modellab.evaluation.compare.agreement",
                "modellab.evaluation.frame",
                "modellab.tasks.canonical",
            ]
        ),
    message:
        "telling how far the systems agree on {wildcards.dataset}"
    script:
        "../scripts/agreement.py"
