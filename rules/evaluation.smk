"""Evaluation: all models' marked rows in, tables that say how good systems are, and why, out.

Needs:  questions, chunks, indexes, contexts, predictions, runs and scores of a dataset
Makes:  results/{dataset}/statistics.csv    every component of every system with its interval
        results/{dataset}/comparisons.csv   every pair of systems: difference, interval, p-value
        results/{dataset}/ranks.csv         every system's rank, and whether it may be the best
        results/{dataset}/minimum_detectable_effect.csv    the smallest difference that shows
        results/{dataset}/noise_budget.csv  what the variance of each score is made of
        results/{dataset}/matrix.csv        a row per question, five columns per system
        results/{dataset}/matrix_long.csv   a row per question, system and repeat
        results/{dataset}/errors.csv        what each system got wrong
        results/{dataset}/wrong_questions/{model}.csv
        results/{dataset}/agreement.csv     how far each two systems agree
        results/{dataset}/questions_by_difficulty.csv  unique_wins.csv
        results/{dataset}/overall_ranking.csv  rank_summary.*   of datasets with a `ranking`
        results/{dataset}/wide.csv  labels.csv  confusion.csv  label_agreement.csv   (task label)
        results/{dataset}/extract_fields.csv   a row per model and group, field or item (extract)
        results/{dataset}/retrieval.csv  retrieval/          metrics of retrievers
        results/{dataset}/embedding_space.csv  embedding_space/{embedder}.csv
        results/{dataset}/error_attribution.csv              loss of retrieval and of reading
        results/{dataset}/consistency.csv                    agreement of repeats
        results/{dataset}/efficiency.csv                     latency, throughput, success
        results/{dataset}/status.csv  .json metrics with a target, beside it, and the whole
        results/{dataset}/synthetic_ranking.csv   of synthetic questions: do they rank as people's?
        results/{dataset}/audit.csv  .md    a row per system and check: what did not pass
"""

# All tables that are made of the scores of a dataset are made by one job, which reads them once.
for number, (parts, datasets) in enumerate(outputs.datasets_by_tables().items()):

    rule:
        name:
            f"tables{number or ''}"
        input:
            questions=QUESTIONS,
            summaries=SUMMARIES,
            rows=ROWS,
            predictions=PREDICTIONS,
            runs=RUNS,
            searches=collect(SEARCHES, retriever=names.steps),
            plans=collect(PLANS, retriever=names.planned_steps),
            contexts=collect(CONTEXTS, retriever=names.searching),
            schema=files.named_in(entries.task),
        output:
            **{
                part: in_report(f"<results>/{{dataset}}/{part}.csv", category)
                for part, category in parts
            },
            leaderboard=in_report("<results>/{dataset}/leaderboard.csv", "Ranking"),
            markdown="<results>/{dataset}/leaderboard.md",
            latex="<results>/{dataset}/leaderboard.tex",
            verdict="<results>/{dataset}/verdict.json",
            estimates=in_report("<results>/{dataset}/statistics.csv", "Ranking"),
            comparisons=in_report("<results>/{dataset}/comparisons.csv", "Ranking"),
            ranks=in_report("<results>/{dataset}/ranks.csv", "Ranking"),
            detectable=in_report(
                "<results>/{dataset}/minimum_detectable_effect.csv", "Ranking"
            ),
            noise=in_report("<results>/{dataset}/noise_budget.csv", "Ranking"),
            matrix="<results>/{dataset}/matrix.csv",
            matrix_long="<results>/{dataset}/matrix_long.csv",
            errors=in_report("<results>/{dataset}/errors.csv", "Answers"),
            wrong_questions=directory("<results>/{dataset}/wrong_questions"),
            agreement=in_report("<results>/{dataset}/agreement.csv", "Answers"),
            difficulty=in_report(
                "<results>/{dataset}/questions_by_difficulty.csv", "Answers"
            ),
            wins=in_report("<results>/{dataset}/unique_wins.csv", "Answers"),
            efficiency=in_report("<results>/{dataset}/efficiency.csv", "Resource usage"),
            audit=in_report("<results>/{dataset}/audit.csv", "Audit"),
            audit_page="<results>/{dataset}/audit.md",
        log:
            "<logs>/tables/{dataset}.log",
        wildcard_constraints:
            dataset=one_of(datasets),
        conda:
            CPU
        threads: 2
        params:
            models=names.models,
            missing=names.missing,
            task=of(entries.task),
            scorer=of(entries.scorer),
            statistics=cfg.statistics.model_dump(mode="json"),
            roles=settings.retriever_roles,
            thresholds=cfg.audit.model_dump(mode="json", exclude={"strict"}),
            seed=cfg.seed,
            code=code(
                "tables",
                entries.task,
                entries.scorer,
                entries.metrics,
                entries.canonical,
                entries.matrix,
            ),
        script:
            "../scripts/tables.py"


rule overall_ranking:
    input:
        summaries=SUMMARIES,
        judged=files.judge_scores,
    output:
        table=in_report("<results>/{dataset}/overall_ranking.csv", "Ranking"),
        summary="<results>/{dataset}/rank_summary.csv",
        markdown="<results>/{dataset}/rank_summary.md",
    log:
        "<logs>/ranking/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(systems.with_ranking()),
    localrule: True
    conda:
        CPU
    params:
        options=of(key("datasets", "ranking")),
        missing=names.missing,
        code=code("overall_ranking"),
    script:
        "../scripts/overall_ranking.py"


rule label_tables:
    input:
        questions=QUESTIONS,
        predictions=PREDICTIONS,
    output:
        wide="<results>/{dataset}/wide.csv",
        scores=in_report("<results>/{dataset}/labels.csv", "Answers"),
        confusion=in_report("<results>/{dataset}/confusion.csv", "Answers"),
        agreement=in_report("<results>/{dataset}/label_agreement.csv", "Answers"),
    log:
        "<logs>/label_tables/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(systems.with_task("label")),
    localrule: True
    conda:
        CPU
    params:
        task=of(entries.task),
        scorer=of(entries.scorer),
        ensembles=systems.models_in("vote"),
        code=code("label_tables", entries.task, entries.scorer),
    script:
        "../scripts/label_tables.py"


rule extract_fields:
    input:
        questions=QUESTIONS,
        predictions=PREDICTIONS,
        schema=files.named_in(entries.task),
    output:
        in_report("<results>/{dataset}/extract_fields.csv", "Answers"),
    log:
        "<logs>/extract_fields/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        models=names.models,
        task=of(entries.task),
        scorer=of(entries.scorer),
        missing=key("datasets", "missing"),
        code=code("extract_fields", entries.task, entries.scorer),
    script:
        "../scripts/extract_fields.py"


rule retrieval:
    input:
        questions=QUESTIONS,
        rankings=collect(
            "<results>/{{dataset}}/rankings/{retriever}.jsonl",
            retriever=names.measured,
        ),
        contexts=collect(CONTEXTS, retriever=names.measured),
    output:
        folder=directory("<results>/{dataset}/retrieval"),
        table=in_report("<results>/{dataset}/retrieval.csv", "Retrieval"),
    log:
        "<logs>/retrieval/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        confidence=cfg.statistics.confidence,
        code=code("retrieval"),
    script:
        "../scripts/retrieval.py"


rule embedder_space:
    input:
        questions=QUESTIONS,
        chunks=collect(CHUNKS, corpus=names.corpus),
        # only so that it comes later: then the chunks' vectors are made once
        indexes=collect(INDEXES, corpus=names.corpus, retriever=names.indexed_with),
        databases=files.databases(key("embedders")),
    output:
        out="<results>/{dataset}/embedding_space/{embedder}.csv",
    log:
        "<logs>/embedder_space/{dataset}/{embedder}.log",
    conda:
        CPU
    threads: key("embedders", "threads")
    params:
        options=of(key("embedders")),
        seed=cfg.seed,
        journals=VECTORS,
        code=code("embedder_space", key("embedders")),
    script:
        "../scripts/embedder_space.py"


rule embedding_space:
    input:
        parts=collect(
            "<results>/{{dataset}}/embedding_space/{embedder}.csv",
            embedder=cfg.embedders,
        ),
    output:
        out=in_report("<results>/{dataset}/embedding_space.csv", "Retrieval"),
    log:
        "<logs>/embedding_space/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        code=code("embedding_space"),
    script:
        "../scripts/embedding_space.py"


rule consistency:
    input:
        predictions=PREDICTIONS,
        scores=SUMMARIES,
        questions=QUESTIONS,
        chunks=collect(CHUNKS, corpus=names.corpus),
        databases=files.databases(entries.answers_embedder),
    output:
        in_report("<results>/{dataset}/consistency.csv", "Answers"),
    log:
        "<logs>/consistency/{dataset}.log",
    # of others it is among their tables
    wildcard_constraints:
        dataset=one_of(settings.consistency_apart()),
    conda:
        CPU
    params:
        models=names.models,
        task=of(entries.task),
        embedder=of(entries.answers_embedder),
        records=settings.record_scorer,
        seed=cfg.seed,
        journals=VECTORS,
        code=code("consistency", entries.task, entries.scorer, entries.answers_embedder),
    script:
        "../scripts/consistency.py"


rule status_table:
    input:
        summaries=SUMMARIES,
        tables=settings.target_tables,
    output:
        table="<results>/{dataset}/status.csv",
        record="<results>/{dataset}/status.json",
    log:
        "<logs>/status/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        options=settings.targets,
        missing=names.missing,
        code=code("status_table"),
    script:
        "../scripts/status_table.py"


rule synthetic_ranking:
    input:
        scores=files.scores_of_ranked,
    output:
        table="<results>/{dataset}/synthetic_ranking.csv",
    log:
        "<logs>/synthetic_ranking/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(systems.synthetic()),
    localrule: True
    conda:
        CPU
    params:
        datasets=settings.ranked,
        options=cfg.statistics.model_dump(mode="json"),
        seed=cfg.seed,
        code=code(
            "synthetic_ranking",
            lambda wildcards: sum(settings.scored_by(wildcards), ()),
            entries.metrics,
        ),
    script:
        "../scripts/synthetic_ranking.py"


rule audit:
    """What did not pass; exit code 1 with `audit: strict: true` (docs/audit.md)."""
    input:
        tables=collect("<results>/{dataset}/audit.csv", dataset=cfg.datasets),
        pages=collect("<results>/{dataset}/audit.md", dataset=cfg.datasets),
    log:
        "<logs>/audit.log",
    localrule: True
    conda:
        CPU
    params:
        strict=cfg.audit.strict,
    script:
        "../scripts/audit.py"
