"""Of ensembles, their members and what weighs their votes."""

from modellab.config.answering import retrievers_answered
from modellab.models.protocol import Place


def ensembles():
    return models_run(Place.VOTE)


def members_of(wildcards):
    return cfg.models[wildcards.model].members


def member_predictions(wildcards):
    folder = f"<results>/{wildcards.dataset}/predictions"
    return [f"{folder}/{member}.jsonl" for member in members_of(wildcards)]


def weighing_dataset(wildcards):
    """The dataset whose scores weigh the votes; None where all votes weigh the same."""
    source = cfg.models[wildcards.model].weights_from
    return source.dataset if source else None


def weighing_questions(wildcards):
    dataset = weighing_dataset(wildcards)
    return f"<results>/{dataset}/questions.jsonl" if dataset else []


def weighing_scores(wildcards):
    dataset = weighing_dataset(wildcards)
    members = members_of(wildcards) if dataset else []
    return [f"<results>/{dataset}/scores/{member}.json" for member in members]


def retrievers_voted_on(wildcards):
    return retrievers_answered(cfg, wildcards.dataset, wildcards.model)
