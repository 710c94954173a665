"""Model Lab: documents and questions in, a leaderboard of language models out.

    corpus -> chunks -> index -\
                                contexts -> predictions -> scores -> matrix, leaderboard -> plots
    dataset -> questions ------/

Rules say what is made from what; `scripts/` wire, `modellab/` knows how, `profiles/` say where.
"""

import sys
from pathlib import Path

from modellab.config.answering import models_named, only_answered
from modellab.config.limits import (
    refuse_impossible_gpus,
    refuse_spaces_in_python,
    tokens,
)
from modellab.config.loading import load_config
from modellab.core.errors import InputError
from scripts.failed_jobs import forget_failed
from scripts.run_summary import (
    print_failures,
    print_leaderboards,
    print_outcomes,
    print_statuses,
)
from snakemake.utils import min_version

min_version("9.27")

# A file given with --configfile replaces the demo's config instead of being merged into it.
try:
    refuse_spaces_in_python(sys.executable)
    cfg = load_config(
        workflow.config_settings.configfiles or [Path("config.yaml")],
        workflow.config_settings.config,
    )
    if workflow.is_main_process:
        # `--resources` replaces all limits of a profile: what it leaves out is one at a time
        for name in sorted({"gpu", *tokens(cfg)} - set(workflow.global_resources)):
            workflow.register_resource(name, 1)
        refuse_impossible_gpus(cfg, workflow.global_resources["gpu"].value)
    if cfg.partial:
        cfg = only_answered(cfg)
except InputError as error:
    sys.exit(f"error: {error}")


pathvars:
    results=str(cfg.results),
    logs=f"{cfg.results}/logs",


# what `snakemake --report` begins with
report: "resources/captions/workflow.rst"


include: "rules/lookup/datasets.smk"
include: "rules/lookup/databases.smk"
include: "rules/lookup/retrieval.smk"
include: "rules/lookup/query_logs.smk"
include: "rules/lookup/synthesis.smk"
include: "rules/lookup/predictions.smk"
include: "rules/lookup/plans.smk"
include: "rules/lookup/ensembles.smk"
include: "rules/lookup/scores.smk"
include: "rules/lookup/judges.smk"
include: "rules/lookup/diagnostics.smk"
include: "rules/lookup/plots.smk"
include: "rules/lookup/status.smk"
include: "rules/lookup/registry.smk"
include: "rules/lookup/report.smk"
include: "rules/lookup/tiers.smk"
include: "rules/databases.smk"
include: "rules/corpus.smk"
include: "rules/retrieval.smk"


if not cfg.partial:

    include: "rules/plans.smk"
    include: "rules/predictions.smk"
    include: "rules/judgements.smk"


include: "rules/ensembles.smk"
include: "rules/scores.smk"
include: "rules/statistics.smk"
include: "rules/compare.smk"
include: "rules/judges.smk"
include: "rules/diagnostics.smk"
include: "rules/extract.smk"
include: "rules/labels.smk"
include: "rules/plots.smk"
include: "rules/query_logs.smk"
include: "rules/synthesis.smk"
include: "rules/readiness.smk"
include: "rules/audit.smk"
include: "rules/ranking.smk"
include: "rules/status.smk"
include: "rules/registry.smk"
include: "rules/report.smk"


# Seconds of work: on a cluster, waiting in a queue for them would take longer.
localrules:
    all,
    quick,
    preflight,
    fetch_model,
    fetch_models,
    embedding_coverage,
    query_logs,
    synthesis,
    questions,
    truth_check,
    data_card,
    ensembles,
    scores,
    leaderboard,
    matrix,
    matrix_long,
    errors,
    agreement,
    retrieval,
    embedding_space,
    error_attribution,
    efficiency,
    extract_fields,
    label_tables,
    tier_0,
    tier_1,
    tier_2,
    tier_3,
    judge,
    judge_pipeline,
    ux,
    judge_scores,
    plan,
    judge_tables,
    production_judges,
    audit_table,
    audit,
    ranking,
    status_of,
    status,
    record,
    report,


rule all:
    """Everything that the config asks for: the default."""
    default_target: True
    input:
        collect("<results>/{dataset}/data_card.md", dataset=cfg.datasets),
        collect("<results>/query_logs/{query_log}/tables", query_log=cfg.query_logs),
        collect("<results>/{dataset}/leaderboard.csv", dataset=cfg.datasets),
        collect(
            "<results>/{dataset}/{table}.csv",
            dataset=cfg.datasets,
            table=["matrix", "matrix_long", "errors", "agreement", "audit"],
        ),
        collect(
            "<results>/{dataset}/{made}",
            dataset=cfg.datasets,
            made=["status.csv", "recorded.json", "report"],
        ),
        diagnostics(),
        judge_outputs(),
        collect("<results>/{dataset}/overall_ranking.csv", dataset=ranked_datasets()),
        collect("<results>/{dataset}/wide.csv", dataset=with_task("label")),
        collect("<results>/{dataset}/extract_fields.csv", dataset=with_task("extract")),
        [
            f"<results>/{dataset}/plots/{plot}.png"
            for dataset in cfg.datasets
            for plot in wanted_plots(cfg, dataset)
        ],


rule quick:
    """The scores alone: no tables, no plots."""

    # snakemake quick --config provider=transformers model=Qwen/Qwen2.5-1.5B-Instruct
    input:
        [
            f"<results>/{dataset}/scores/{model}.json"
            for dataset in cfg.datasets
            for model in models_of(dataset)
        ],


rule tier_0:
    """How the vectors of questions and chunks lie (embedding_space.csv)."""
    input:
        or_told(
            "tier_0",
            of_embedders(),
            "the config has no embedders, or no dataset has a corpus",
        ),


rule tier_1:
    """How well retrievers find (retrieval.csv)."""
    input:
        or_told("tier_1", of_retrievers(), "no dataset has a corpus"),


rule tier_2:
    """How well models read the right passages (error_attribution.csv, consistency.csv)."""
    input:
        or_told(
            "tier_2",
            of_ideal_contexts(),
            "no dataset has a retriever of the kind oracle",
        ),


rule tier_3:
    """How well whole systems answer (leaderboard.csv, efficiency.csv)."""
    input:
        of_whole_systems(),


rule judge:
    """What judges say, and how far they can be trusted (judge_scores.csv, judges/)."""
    input:
        or_told(
            "judge",
            judge_outputs(),
            "the config has no judges, and no dataset with the task label",
        ),


rule judge_pipeline:
    """Models that say whether to show an answer, best F1 first (judges/by_production_judge.csv)."""
    input:
        or_told("judge_pipeline", production_tables(), "no dataset has the task label"),


rule ux:
    """What users ask, and how alike questions are (query_logs/, embedding_space.csv)."""
    input:
        or_told(
            "ux",
            of_users(),
            "the config has no query logs, and no embedders for a dataset with a corpus",
        ),


rule status:
    """Results held against the baselines, in one word per dataset (docs/status.md)."""
    input:
        collect("<results>/{dataset}/status.csv", dataset=cfg.datasets),


rule query_logs:
    """What real users ask: chunks, topics, words (docs/query-logs.md)."""
    input:
        collect("<results>/query_logs/{query_log}/tables", query_log=cfg.query_logs),


rule synthesis:
    """Questions made from chunks, with receipts (docs/synthesis.md)."""
    input:
        collect(
            "<results>/synthesis/{synthesis}/questions.jsonl", synthesis=cfg.synthesize
        ),


rule fetch_models:
    """Download the models where there is a network; then jobs need none."""
    input:
        [
            f"<results>/models/{model}.json"
            for model in models_on_hub()
            if cfg.models[model].enabled or model in models_named(cfg)
        ],


rule embedding_coverage:
    """Does every chunk have a vector of its own, and does the index find it?"""
    input:
        collect("<results>/corpora/{corpus}/embedding_coverage.csv", corpus=cfg.corpora),


onsuccess:
    print_leaderboards(cfg.results, models_by_dataset(), missing_by_dataset())
    print_statuses(cfg.results, cfg.datasets)


onerror:
    forget_failed(workflow)
    print_failures(log)
    print_outcomes(cfg.results, models_by_dataset())
