"""Labels: all models' predictions on one dataset of labels in, tables about them out.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/predictions/{model}.jsonl
Makes:  results/{dataset}/wide.csv              a row per text, all models' answers side by side
        results/{dataset}/labels.csv            scores by model, label and tag
        results/{dataset}/confusion.csv         true against given labels, counted
        results/{dataset}/label_agreement.csv   how far models agree with one another
"""


rule label_tables:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        predictions=predictions_of_dataset,
    output:
        wide="<results>/{dataset}/wide.csv",
        scores=in_report("<results>/{dataset}/labels.csv", "Answers"),
        confusion=in_report("<results>/{dataset}/confusion.csv", "Answers"),
        agreement=in_report("<results>/{dataset}/label_agreement.csv", "Answers"),
    log:
        "<logs>/label_tables/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(with_task("label")),
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        task=lambda wildcards: plain(task_of(wildcards)),
        scorer=lambda wildcards: plain(scorer_options(wildcards.dataset)),
        ensembles=ensembles(),
        code=code_digest(
            [
                "modellab.evaluation.labels.writing",
                "modellab.tasks.label.scoring.options",
            ]
        ),
    message:
        "laying the labels on {wildcards.dataset} side by side"
    script:
        "../scripts/label_tables.py"
