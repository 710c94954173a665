"""Adaptive evaluation: datasets with `adaptive` are asked in rounds (docs/adaptive.md).

A round is a checkpoint, as it depends on earlier answers which systems are asked next. The answers
of a model in a round are made by the rules of predictions, where `{model}` is `{model}/round-{round}`.

Needs:  results/{dataset}/questions.jsonl, predictions of the rounds before
Makes:  results/{dataset}/rounds/{round}.json    which systems are asked which questions, and why others are stopped
        results/{dataset}/predictions/{model}/round-{round}.jsonl    the answers of a round
        results/{dataset}/predictions/{model}.jsonl  runs/{model}.json    of all rounds
"""


checkpoint adaptive_round:
    input:
        questions=QUESTIONS,
        previous=wf.rounds.previous,
        predictions=wf.rounds.before(layout.PREDICTIONS),
        runs=wf.rounds.before(layout.RUN),
        chunks=collect(CHUNKS, corpus=names.corpus_to_score),
        databases=files.databases(entries.scorer),
        schema=files.files_in(entries.task),
    output:
        out=own(layout.ROUND),
    log:
        "<logs>/adaptive_round/{dataset}/{round}.log",
    wildcard_constraints:
        dataset=one_of(wf.rounds.datasets()),
        round=r"[1-9]\d*",
    # all later jobs of the dataset depend on it
    priority: 30
    localrule: True
    conda:
        CPU
    params:
        adaptive=of(key("datasets", "adaptive")),
        models=settings.contestants,
        task=of(entries.task),
        scorer=of(entries.scorer),
        missing=key("datasets", "missing"),
        cluster=cfg.statistics.cluster,
        number=lambda wildcards: int(wildcards.round),
        seed=cfg.seed,
        scoring_seed=settings.scoring_seed,
        code=code("adaptive_round", entries.task, entries.scorer, entries.metrics),
    script:
        "../scripts/adaptive_round.py"


wf.rounds.made = lambda dataset, number: checkpoints.adaptive_round.get(
    dataset=dataset, round=number
).output[0]


use rule shards as all_rounds with:
    input:
        questions=QUESTIONS,
        predictions=wf.rounds.parts(layout.PREDICTIONS),
        runs=wf.rounds.parts(layout.RUN),
    wildcard_constraints:
        dataset=one_of(wf.rounds.datasets()),
        model=one_of(cfg.models),


ruleorder: all_rounds > shards > predictions_local > predictions_gpu > predictions_server
