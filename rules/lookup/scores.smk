"""Of scorers, and of the tables that compare systems."""

from modellab.config.controls import controls_of_model, roles_of_model
from modellab.core.code import code_digest
from modellab.config.scoring import reads_chunks, resolved_scorer

# Scores


def scorer_options(dataset):
    """A dataset's scorer, its embedder written out."""
    return resolved_scorer(cfg, dataset)


def chunks_to_score(wildcards):
    """The corpus, for scorers with an embedder, which may have to learn from it."""
    return chunks_of_dataset(wildcards) if reads_chunks(cfg, wildcards.dataset) else []


def databases_of_scorer(wildcards):
    """The databases that a scorer's embedder reads vectors of."""
    return rows_files(scorer_options(wildcards.dataset))


def scoring_seed(wildcards):
    return cfg.seed if chunks_to_score(wildcards) else 0


def scoring_code(wildcards):
    scorer = scorer_options(wildcards.dataset)
    modules = {type(task_of(wildcards)).__module__, type(scorer).__module__}
    stages = [
        "modellab.evaluation.score",
        "modellab.retrieval.usage",
        "modellab.evaluation.compare.submissions",
    ]
    return code_digest([*stages, *sorted(modules)])


def truth_check_code(wildcards):
    scorer = scorer_options(wildcards.dataset)
    modules = {type(task_of(wildcards)).__module__, type(scorer).__module__}
    return code_digest(["modellab.evaluation.truth_check", *sorted(modules)])


def described_model(wildcards):
    """What the tables say of a model; none of it decides an answer."""
    options = cfg.models[wildcards.model]
    return {
        "provider": options.provider,
        "model_id": options.model_id(),
        "local": options.runs_here(),
        "size_b": options.size_b,
        "controls": controls_of_model(cfg, wildcards.dataset, wildcards.model),
        "roles": roles_of_model(cfg, wildcards.dataset, wildcards.model),
    }


# Compare


def predictions_of_dataset(wildcards):
    return collect(
        "<results>/{dataset}/predictions/{model}.jsonl",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


def score_summaries(wildcards):
    return collect(
        "<results>/{dataset}/scores/{model}.json",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


def score_rows(wildcards):
    return collect(
        "<results>/{dataset}/scores/{model}.csv",
        dataset=wildcards.dataset,
        model=models_of(wildcards.dataset),
    )


# Ranking


def ranked_datasets():
    return [name for name, dataset in cfg.datasets.items() if dataset.ranking]


def judge_scores_of(wildcards):
    judged = wildcards.dataset in judged_datasets()
    return f"<results>/{wildcards.dataset}/judge_scores.csv" if judged else []


# Audit


def contexts_that_search(wildcards):
    """The passages of each retriever that should find some for every question."""
    return [
        f"<results>/{wildcards.dataset}/contexts/{name}.jsonl"
        for name in retrievers_on(wildcards.dataset)
        if cfg.retrievers[name].role == "retrieved" and corpus_of(wildcards)
    ]
