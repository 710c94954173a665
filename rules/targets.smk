"""Targets by name, and jobs without results."""

from modellab.workflow.outputs import or_explain


rule quick:
    """The scores alone: no tables, no plots."""

    # snakemake quick --config provider=transformers model=Qwen/Qwen2.5-1.5B-Instruct
    input:
        outputs.scores(),


rule embedding_eval:
    """The geometry of the vectors of questions and chunks (tables/embedding_space.csv)."""
    input:
        or_explain(
            "embedding_eval",
            outputs.embedding_eval(),
            "the config has no embedders, or no dataset has a corpus",
        ),


rule retrieval_eval:
    """How well retrievers find (retrieval.csv)."""
    input:
        or_explain(
            "retrieval_eval", outputs.retrieval_eval(), "no dataset has a corpus"
        ),


rule reading_eval:
    """How well models read the right passages (tables/error_attribution.csv, consistency.csv)."""
    input:
        or_explain(
            "reading_eval",
            outputs.reading_eval(),
            "no dataset has a retriever of the kind oracle",
        ),


rule system_eval:
    """How well whole systems answer (leaderboard.csv, tables/efficiency.csv)."""
    input:
        outputs.system_eval(),


use rule embedding_eval as tier_0


use rule retrieval_eval as tier_1


use rule reading_eval as tier_2


use rule system_eval as tier_3


rule judge:
    """The scores of judges, and their reliability (judge_scores.csv, tables/judges/)."""
    input:
        or_explain(
            "judge",
            outputs.judging(),
            "the config has no judges, and no dataset with the task label",
        ),


rule judge_pipeline:
    """Models that say whether to show an answer, best F1 first (tables/judges/by_production_judge.csv)."""
    input:
        or_explain(
            "judge_pipeline",
            outputs.production_judges(),
            "no dataset has the task label",
        ),


rule ux:
    """Users' queries, and the similarity of questions (query_logs/, tables/embedding_space.csv)."""
    input:
        or_explain(
            "ux",
            outputs.users(),
            "the config has no query logs, and no embedders for a dataset with a corpus",
        ),


rule status:
    """Results compared with their targets, in one word per dataset (docs/status.md)."""
    input:
        or_explain("status", outputs.statuses(), "the config has no `targets`"),


rule query_logs:
    """Users' queries: chunks, topics, words (docs/query-logs.md)."""
    input:
        or_explain("query_logs", outputs.query_logs(), "the config has no `query_logs`"),


rule synthesis:
    """Synthetic questions about chunks, with their sources (docs/synthesis.md)."""
    input:
        or_explain(
            "synthesis",
            [f"<results>/synthesis/{name}/questions.jsonl" for name in cfg.synthesize],
            "the config has no `synthesize`",
        ),


rule fetch_models:
    """Download the models, so that jobs need no network."""
    input:
        or_explain(
            "fetch_models", outputs.fetched(), "the config has no model of the hub"
        ),


rule embedding_coverage:
    """Whether every chunk has a vector, and is found in the index."""
    input:
        collect("<results>/corpora/{name}/embedding_coverage.csv", name=cfg.corpora),


rule preflight:
    """Whether everything that a run needs is there (docs/preflight.md)."""
    log:
        "<logs>/preflight.log",
    localrule: True
    conda:
        CPU
    params:
        config=cfg.model_dump(mode="json"),
        slurm=lambda wildcards: workflow.non_local_exec,
    script:
        "../scripts/preflight.py"


rule fetch_model:
    output:
        out="<results>/models/{model}.json",
    log:
        "<logs>/fetch_model/{model}.log",
    wildcard_constraints:
        model=one_of(outputs.on_hub()),
    localrule: True
    conda:
        CPU
    params:
        options=key_of(entries.model),
    script:
        "../scripts/fetch_model.py"
