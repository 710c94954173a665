"""Evaluation: from the scores of all models to tables of systems.

Needs:  questions, chunks, indexes, contexts, predictions, runs and scores of a dataset
Makes:  results/{dataset}/statistics.csv    all components of all systems, with intervals
        results/{dataset}/comparisons.csv   all pairs of systems: difference, interval, p-value
        results/{dataset}/tables/ranks.csv         ranks of systems, and which may be the best
        results/{dataset}/tables/minimum_detectable_effect.csv    minimum detectable effects of pairs
        results/{dataset}/tables/noise_budget.csv  variance components of each score
        results/{dataset}/matrix.csv        a row per question, five columns per system
        results/{dataset}/tables/matrix_long.csv   a row per question, system and repeat
        results/{dataset}/errors.csv        wrong answers by system
        results/{dataset}/tables/wrong_questions/{model}.csv
        results/{dataset}/tables/agreement.csv     agreement of pairs of systems
        results/{dataset}/tables/questions_by_difficulty.csv  unique_wins.csv
        results/{dataset}/tables/overall_ranking.csv  rank_summary.*   of datasets with a `ranking`
        results/{dataset}/tables/wide.csv  labels.csv  confusion.csv  label_agreement.csv   (task label)
        results/{dataset}/tables/extract_fields.csv   a row per model and group, field or item (extract)
        results/{dataset}/retrieval.csv  tables/retrieval/    metrics of retrievers
        results/{dataset}/tables/embedding_space.csv  embedding_space/{embedder}.csv
        results/{dataset}/tables/error_attribution.csv              loss of retrieval and of reading
        results/{dataset}/tables/consistency.csv                    agreement of repeats
        results/{dataset}/tables/efficiency.csv                     latency, throughput, success
        results/{dataset}/tables/status.csv  .json   of datasets with `targets`: metrics compared with them
        results/{dataset}/tables/synthetic_ranking.csv   agreement of rankings on synthetic and human questions
        results/{dataset}/tables/audit.csv  audit.md    a row per system and check
"""

# One job reads the scores of a dataset once, and makes all tables.
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
            contexts=collect(CONTEXTS, retriever=names.with_roles("retrieved")),
            schema=files.files_in(entries.task),
        output:
            **{part: in_report(table(part), category) for part, category in parts},
            leaderboard=in_report(table("leaderboard"), "Ranking"),
            markdown=own(layout.MARKDOWN),
            latex=own(layout.LATEX),
            verdict=own(layout.VERDICT),
            estimates=in_report(table("statistics"), "Ranking"),
            comparisons=in_report(table("comparisons"), "Ranking"),
            ranks=in_report(table("ranks"), "Ranking"),
            detectable=in_report(table("minimum_detectable_effect"), "Ranking"),
            noise=in_report(table("noise_budget"), "Ranking"),
            matrix=table("matrix"),
            matrix_long=table("matrix_long"),
            errors=in_report(table("errors"), "Answers"),
            wrong_questions=directory(own(f"{layout.TABLES}/wrong_questions")),
            agreement=in_report(table("agreement"), "Answers"),
            difficulty=in_report(table("questions_by_difficulty"), "Answers"),
            wins=in_report(table("unique_wins"), "Answers"),
            efficiency=in_report(table("efficiency"), "Resource usage"),
            audit=in_report(table("audit"), "Audit"),
            audit_page=own(layout.AUDIT),
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
        judge_scores=files.judge_scores,
    output:
        table=in_report(table("overall_ranking"), "Ranking"),
        summary=table("rank_summary"),
        markdown=own(f"{layout.TABLES}/rank_summary.md"),
    log:
        "<logs>/overall_ranking/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(systems.with_ranking()),
    localrule: True
    conda:
        CPU
    params:
        options=of(key("datasets", "ranking")),
        absent=names.missing,
        code=code("overall_ranking"),
    script:
        "../scripts/overall_ranking.py"


rule label_tables:
    input:
        questions=QUESTIONS,
        predictions=PREDICTIONS,
    output:
        wide=table("wide"),
        scores=in_report(table("labels"), "Answers"),
        confusion=in_report(table("confusion"), "Answers"),
        agreement=in_report(table("label_agreement"), "Answers"),
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
        schema=files.files_in(entries.task),
    output:
        out=in_report(table("extract_fields"), "Answers"),
    log:
        "<logs>/extract_fields/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
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
            each(layout.RANKINGS), retriever=names.with_roles("retrieved", "oracle")
        ),
        contexts=collect(CONTEXTS, retriever=names.with_roles("retrieved", "oracle")),
    output:
        folder=directory(own(f"{layout.TABLES}/retrieval")),
        table=in_report(table("retrieval"), "Retrieval"),
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
        # only for the order, so that vectors of chunks are computed once
        indexes=collect(INDEXES, corpus=names.corpus, retriever=names.indexed_with),
        databases=files.databases(key("embedders")),
    output:
        out=table("embedding_space/{embedder}"),
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
            each(f"{layout.TABLES}/embedding_space/{{embedder}}.csv"),
            embedder=cfg.embedders,
        ),
    output:
        out=in_report(table("embedding_space"), "Retrieval"),
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
        summaries=SUMMARIES,
        questions=QUESTIONS,
        chunks=collect(CHUNKS, corpus=names.corpus),
        databases=files.databases(entries.answers_embedder),
    output:
        consistency=in_report(table("consistency"), "Answers"),
    log:
        "<logs>/consistency/{dataset}.log",
    # for other datasets, the rule `tables` makes it
    wildcard_constraints:
        dataset=one_of(settings.consistency_apart()),
    conda:
        CPU
    params:
        task=of(entries.task),
        scorer=of(entries.scorer),
        embedder=of(entries.answers_embedder),
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
        table=table("status"),
        record=own(layout.STATUS),
    log:
        "<logs>/status_table/{dataset}.log",
    wildcard_constraints:
        dataset=one_of(systems.with_targets()),
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
        table=table("synthetic_ranking"),
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
    """Checks that did not pass; exit code 1 with `audit: strict: true` (docs/audit.md)."""
    input:
        tables=collect(table("audit"), dataset=cfg.datasets),
        pages=collect(own(layout.AUDIT), dataset=cfg.datasets),
    log:
        "<logs>/audit.log",
    localrule: True
    conda:
        CPU
    params:
        strict=cfg.audit.strict,
    script:
        "../scripts/audit.py"
