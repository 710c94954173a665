"""Judging: from answers to judgements, to scores with their coverage, and to tables about judges.

One job per judge and dataset, with rules for the CPU, GPUs and servers as in generation.smk. A new
judge or model is asked only for its own pairs.

Needs:  results/{dataset}/predictions/{model}.jsonl
        results/{dataset}/scores/{model}.json                   for production judges
Makes:  results/{dataset}/judgements/{judge}.jsonl              a row per model, answer, metric, repeat
        results/{dataset}/judgements/runs/{judge}.json          the record of the run
        results/{dataset}/judge_scores.csv                      by judge, model, retriever, metric
        results/{dataset}/tables/judges/{table}.csv             the meta-evaluation of judges: docs/judges.md
        results/{dataset}/tables/judges/by_production_judge.csv the models of a label dataset
Keeps:  results/{dataset}/journal/judges/{judge}.jsonl          every judgement, written immediately
"""

if not cfg.partial:

    rule judgements_local:
        input:
            questions=QUESTIONS,
            predictions=collect(each(layout.PREDICTIONS), model=names.read_by_judge),
            contexts=collect(CONTEXTS, retriever=names.contexts),
            chunks=collect(CHUNKS, corpus=names.corpus_to_judge),
            databases=files.databases_of_judge,
            prompts=files.judge_prompts,
            weights=files.files_in(entries.judging_model),
        output:
            judgements=own(layout.JUDGEMENTS),
            run=own(layout.JUDGEMENTS_RUN),
        log:
            "<logs>/judgements/{dataset}/{judge}.log",
        wildcard_constraints:
            judge=one_of(systems.judges_in("process")),
        conda:
            CPU
        threads: asking.threads(entries.judging_model)
        resources:
            **asking.resources(entries.judging_model),
        params:
            task=key("datasets", "task", "kind"),
            options=key_of(entries.judge),
            models=names.judged,
            retrievers=lambda wildcards: entries.judge(wildcards).retrievers,
            journal=asking.judge_journal,
            round=asking.round(asking.judge_journal),
            seed=asking.judge_seed,
            code=code("judgements", entries.judge, entries.canonical),
        script:
            "../scripts/judgements.py"

    use rule judgements_local as judgements_gpu with:
        wildcard_constraints:
            judge=one_of(systems.judges_in("gpu")),
        conda:
            GPU

    use rule judgements_local as judgements_server with:
        wildcard_constraints:
            judge=one_of(systems.judges_in("server")),


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
