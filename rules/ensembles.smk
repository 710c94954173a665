"""Ensembles: members' predictions in, the answers that they vote for out. No model is asked.

Needs:  results/{dataset}/questions.jsonl, results/{dataset}/predictions/{member}.jsonl
        results/{dataset}/scores/{member}.json of another dataset, where scores weigh votes
Makes:  results/{dataset}/predictions/{model}.jsonl   the answers, of the same shape as a model's
        results/{dataset}/runs/{model}.json           how they were made
"""


rule ensembles:
    input:
        questions="<results>/{dataset}/questions.jsonl",
        members=member_predictions,
        weighing=weighing_questions,
        scores=weighing_scores,
    output:
        predictions="<results>/{dataset}/predictions/{model}.jsonl",
        run="<results>/{dataset}/runs/{model}.json",
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    wildcard_constraints:
        model=one_of(ensembles()),
    conda:
        "../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        options=lambda wildcards: cfg.models[wildcards.model].cache_key_fields(),
        retrievers=retrievers_voted_on,
        task=lambda wildcards: task_of(wildcards).kind,
        code=lambda wildcards: code_digest(
            [
                "modellab.generation.voting.making",
                *part_of_task(wildcards, "canonical"),
            ]
        ),
    message:
        "{wildcards.model} votes on {wildcards.dataset}"
    script:
        "../scripts/ensembles.py"
