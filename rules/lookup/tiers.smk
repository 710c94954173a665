"""Of what each tier makes, and what to say where there is nothing to make."""

import sys
from functools import cache


@cache
def tell_once(line):
    """Snakemake asks for the inputs of a rule more than once."""
    sys.stderr.write(f"{line}\n")


def or_told(target, files, lacking):
    """An input function that gives the files; where there are none it says in one line why."""

    def find(wildcards):
        if not files:
            tell_once(f"{target}: nothing to make: {lacking}")
        return files

    return find


def of_embedders():
    """How the vectors of questions and chunks lie."""
    searched = with_corpus() if cfg.embedders else []
    return collect("<results>/{dataset}/embedding_space.csv", dataset=searched)


def of_retrievers():
    return collect("<results>/{dataset}/retrieval.csv", dataset=with_corpus())


def of_ideal_contexts():
    """Answers to the right passages: of datasets with an oracle, split from what retrieval loses."""
    names = [
        name
        for name in with_corpus()
        if any(cfg.retrievers[one].role == "oracle" for one in retrievers_on(name))
    ]
    tables = ["error_attribution", "consistency"]
    return [
        *collect("<results>/{dataset}/{table}.csv", dataset=names, table=tables),
        *judge_scores_on(names),
    ]


def of_whole_systems():
    """Answers to what was found, beside the true ones."""
    tables = ["leaderboard", "efficiency", "consistency"]
    return [
        *collect("<results>/{dataset}/{table}.csv", dataset=cfg.datasets, table=tables),
        *judge_scores_on(cfg.datasets),
    ]


def judge_scores_on(datasets):
    judged = [name for name in datasets if name in judged_datasets()]
    return collect("<results>/{dataset}/judge_scores.csv", dataset=judged)


def of_users():
    """What users ask, and how alike the questions of a set are."""
    return [
        *collect("<results>/query_logs/{query_log}/tables", query_log=cfg.query_logs),
        *of_embedders(),
    ]
