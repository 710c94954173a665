"""Judging: one model's predictions in, one judge's judgements of them and tables about judges out.

One job per dataset, judge and model: a new judge or model costs only its own pairs. Where the
judge runs makes three rules of one, as for predictions.

Needs:  results/{dataset}/questions.jsonl, predictions/{model}.jsonl, contexts/{retriever}.jsonl
        results/{dataset}/scores/{model}.json                   for production judges
Makes:  results/{dataset}/judgements/{judge}/{model}.jsonl      a row per answer, metric, repeat
        results/{dataset}/judgements/{judge}/runs/{model}.json  how they were made
        results/{dataset}/judge_scores.csv                      by judge, model, retriever, metric
        results/{dataset}/judges/{table}.csv                    the judges judged: docs/judges.md
        results/{dataset}/judges/by_production_judge.csv        the models of a label dataset
Keeps:  results/{dataset}/journal/judges/{judge}/{model}.jsonl  every reply the moment it exists
"""


if not cfg.partial:

    rule judgements_local:
        input:
            questions=QUESTIONS,
            predictions="<results>/{dataset}/predictions/{model}.jsonl",
            others=files.others,
            contexts=files.contexts,
            chunks=files.chunks_to_judge,
            databases=files.databases_of_judge,
            prompts=lambda wildcards: list(files.judge_prompts(wildcards).values()),
            weights=files.held_by(entries.judging_model),
        output:
            judgements="<results>/{dataset}/judgements/{judge}/{model}.jsonl",
            run="<results>/{dataset}/judgements/{judge}/runs/{model}.json",
        log:
            "<logs>/judgements/{dataset}/{judge}/{model}.log",
        wildcard_constraints:
            judge=one_of(systems.judges_in("process")),
        conda:
            CPU
        threads: asking.threads(entries.judging_model)
        resources:
            **asking.resources(entries.judging_model),
        params:
            judge=key_of(entries.judge),
            metrics=lambda wildcards: list(files.judge_prompts(wildcards)),
            others=settings.others,
            contexts=settings.retrievers,
            retrievers=settings.judged_retrievers,
            journal=asking.judge_journal,
            round=asking.round(asking.judge_journal),
            seed=asking.judge_seed,
            code=code("judgements", entries.judge),
        script:
            "../scripts/judgements.py"

    use rule judgements_local as judgements_gpu with:
        wildcard_constraints:
            judge=one_of(systems.judges_in("card")),
        conda:
            GPU

    use rule judgements_local as judgements_server with:
        wildcard_constraints:
            judge=one_of(systems.judges_in("server")),


rule judge_scores:
    input:
        judgements=files.judgements,
    output:
        in_report("<results>/{dataset}/judge_scores.csv", "Judges"),
    log:
        "<logs>/judge_scores/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        pairs=settings.judged_pairs,
        judges=settings.judges,
        min_coverage=cfg.judging.min_coverage,
        code=code("judge_scores"),
    script:
        "../scripts/judge_scores.py"


rule judge_tables:
    input:
        judgements=files.judgements,
        labels=files.human_labels,
    output:
        **{
            table: in_report(f"<results>/{{dataset}}/judges/{table}.csv", "Judges")
            for table in outputs.judge_tables()
        },
    log:
        "<logs>/judge_tables/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        pairs=settings.judged_pairs,
        judges=settings.judges,
        families=settings.families,
        controls=settings.controls,
        judging=settings.judging,
        code=code("judge_tables"),
    script:
        "../scripts/judge_tables.py"


rule production_judges:
    input:
        summaries=SUMMARIES,
    output:
        in_report("<results>/{dataset}/judges/by_production_judge.csv", "Judges"),
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
    """What judges would be asked and cost, and what the journals have (docs/judges.md)."""
    log:
        "<logs>/plan.log",
    localrule: True
    conda:
        CPU
    params:
        jobs=lambda wildcards: wf.planned_judgements(),
    script:
        "../scripts/plan.py"
