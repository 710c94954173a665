"""Scores: from predictions to per-example scores, summaries and submission files.

The predictions of ensembles are votes of their members' predictions: no model is asked.

Needs:  results/{dataset}/questions.jsonl, predictions/{model}.jsonl,
        and the resource usage of retrieval: contexts/runs/{retriever}.json, plans/{retriever}.jsonl
Makes:  results/{dataset}/scores/{model}.csv                     the scores of each prediction
        results/{dataset}/scores/{model}.json                    a summary per retriever
        results/{dataset}/submissions/{model}/{retriever}.csv    the answers, for other programs
        results/{dataset}/predictions/{model}.jsonl  runs/{model}.json   of ensembles
"""

from modellab.config.answering import retrievers_answered


rule ensembles:
    input:
        questions=QUESTIONS,
        members=collect(each(layout.PREDICTIONS), model=names.members),
        weighing=collect(
            f"<results>/{{source}}/{layout.QUESTIONS}", source=names.weights_from
        ),
        scores=collect(
            f"<results>/{{source}}/{layout.SUMMARY}",
            source=names.weights_from,
            model=names.members,
        ),
    output:
        predictions=own(layout.PREDICTIONS),
        run=own(layout.RUN),
    log:
        "<logs>/predictions/{dataset}/{model}.log",
    wildcard_constraints:
        model=one_of(systems.models_in("vote")),
    localrule: True
    conda:
        CPU
    params:
        options=key_of(entries.model),
        retrievers=lambda wildcards: list(
            retrievers_answered(cfg, wildcards.dataset, wildcards.model)
        ),
        task=key("datasets", "task", "kind"),
        code=code("ensembles", entries.model, entries.canonical),
    script:
        "../scripts/ensembles.py"


rule scores:
    input:
        questions=QUESTIONS,
        predictions=own(layout.PREDICTIONS),
        run=own(layout.RUN),
        chunks=collect(CHUNKS, corpus=names.corpus_to_score),
        databases=files.databases(entries.scorer),
        schema=files.files_in(entries.task),
        searches=collect(SEARCHES, retriever=names.steps),
        plans=collect(PLANS, retriever=names.planned_steps),
        round=wf.rounds.last,
    output:
        rows=own(layout.ROWS),
        summary=own(layout.SUMMARY),
        submissions=directory(own(layout.SUBMISSIONS)),
    log:
        "<logs>/scores/{dataset}/{model}.log",
    localrule: True
    conda:
        CPU
    params:
        **settings.description(),
        task=of(entries.task),
        scorer=of(entries.scorer),
        missing=key("datasets", "missing"),
        seed=settings.scoring_seed,
        code=code("scores", entries.task, entries.scorer, entries.metrics),
    script:
        "../scripts/scores.py"
