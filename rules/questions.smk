"""Questions: from files, from models, and from logs of users' queries.

Needs:  the files of questions, results/corpora/{corpus}/chunks.jsonl  documents.csv
Makes:  results/{dataset}/questions.jsonl
        results/{dataset}/tables/read_as.txt   notes on how the file was read
        results/{dataset}/data_card.md  tables/data_card.json
        results/{dataset}/tables/truth_check.csv   reference answers that their own scorer marks wrong
        results/synthesis/{synthesis}/questions.jsonl    questions of a dataset with the format jsonl
        results/synthesis/{synthesis}/rejections.jsonl   rejected questions, with the reasons
        results/synthesis/{synthesis}/yield.csv          counts of both
        results/synthesis/{synthesis}/run.json           models, prompts, resource usage
        results/query_logs/{query_log}/tables/           utilisation, chunk uses, topics, domain
        results/query_logs/{query_log}/{picture}.png  .svg  .pdf
Keeps:  results/synthesis/{synthesis}/journal/           every answer, written immediately
"""

from modellab.reporting.plots import QUERY_LOG_PICTURES


rule questions:
    input:
        questions=files.questions,
        files=files.question_files,
        schema=files.files_in(entries.task),
        chunks=collect(CHUNKS, corpus=names.corpus),
        documents=collect(
            "<results>/corpora/{corpus}/documents.csv", corpus=names.corpus
        ),
    output:
        out=QUESTIONS,
        read_as=own(layout.READ_AS),
    log:
        "<logs>/questions/{dataset}.log",
    localrule: True
    conda:
        CPU
    params:
        question_format=of(key("datasets", "question_format")),
        sql=of(key("datasets", "sql")),
        task=key_of(entries.task),
        split=key("datasets", "split"),
        limit=cfg.limit,
        code=code("questions", key("datasets", "question_format"), entries.task),
    script:
        "../scripts/questions.py"


rule data_card:
    """Statistics of the questions, and reference answers that their own scorer marks wrong."""
    input:
        questions=QUESTIONS,
        read_as=own(layout.READ_AS),
        chunks=collect(CHUNKS, corpus=names.corpus),
        schema=files.files_in(entries.task),
    output:
        card=own(layout.CARD),
        text=own(layout.DATA_CARD),
        truths=table("truth_check"),
    log:
        "<logs>/data_card/{dataset}.log",
    # Before the models (10). Predictions do not depend on it, as another scorer must not make
    # them stale.
    priority: 20
    localrule: True
    conda:
        CPU
    params:
        task=key_of(entries.task),
        scorer=of(entries.scorer),
        task_name=settings.task_name,
        language=settings.language,
        corpus_language=settings.corpus_language,
        code=code("data_card", entries.task, entries.scorer, entries.metrics),
    script:
        "../scripts/data_card.py"


rule query_log:
    input:
        questions=files.query_log,
        chunks=collect(CHUNKS, corpus=names.corpus),
        index=collect(INDEXES, corpus=names.corpus, retriever=names.indexed),
        databases=files.databases(entries.topics_embedder),
    output:
        folder=directory("<results>/query_logs/{query_log}/tables"),
        png=[
            f"<results>/query_logs/{{query_log}}/{picture}.png"
            for picture in QUERY_LOG_PICTURES
        ],
        svg=[
            in_report(
                f"<results>/query_logs/{{query_log}}/{picture}.svg", "Query logs"
            )
            for picture in QUERY_LOG_PICTURES
        ],
        pdf=[
            f"<results>/query_logs/{{query_log}}/{picture}.pdf"
            for picture in QUERY_LOG_PICTURES
        ],
    log:
        "<logs>/query_log/{query_log}.log",
    conda:
        CPU
    threads: 2
    params:
        options=of(key("query_logs")),
        retriever=of(entries.query_log_retriever),
        embedder=of(entries.topics_embedder),
        journals=VECTORS,
        seed=cfg.seed,
        code=code("query_log", entries.query_log_retriever, entries.topics_embedder),
    script:
        "../scripts/query_log.py"


rule synthesize_local:
    input:
        chunks=collect(CHUNKS, corpus=names.corpus),
        prompts=files.synthesis_prompts,
        weights=files.files_in(entries.writers),
    output:
        questions="<results>/synthesis/{synthesis}/questions.jsonl",
        rejections="<results>/synthesis/{synthesis}/rejections.jsonl",
        table="<results>/synthesis/{synthesis}/yield.csv",
        run="<results>/synthesis/{synthesis}/run.json",
    log:
        "<logs>/synthesize/{synthesis}.log",
    wildcard_constraints:
        synthesis=one_of(systems.syntheses_on(gpu=False)),
    conda:
        CPU
    threads: asking.threads(entries.writers)
    resources:
        **asking.resources(entries.writers, rows_may_fail=False),
    params:
        options=key_of(key("synthesize")),
        models=asking.writers,
        folder=lambda wildcards: f"{cfg.results}/synthesis/{wildcards.synthesis}",
        journal=asking.synthesis_journal,
        seed=cfg.seed,
        code=code("synthesize", entries.writers),
    script:
        "../scripts/synthesize.py"


use rule synthesize_local as synthesize_gpu with:
    wildcard_constraints:
        synthesis=one_of(systems.syntheses_on(gpu=True)),
    conda:
        GPU
