"""Of models that make queries of questions."""

import math
import os

from modellab.core.code import code_digest


def planner_of(wildcards):
    """The model that plans for a retriever."""
    return cfg.models[cfg.retrievers[wildcards.retriever].planner()]


def planners_run(place):
    """The retrievers whose planner runs there."""
    planners = {name: options.planner() for name, options in cfg.retrievers.items()}
    return [n for n, m in planners.items() if m and cfg.models[m].place() == place]


def plans_of_context(wildcards):
    """The plans of a retriever that has a planner."""
    planned = cfg.retrievers[wildcards.retriever].planner()
    folder = f"<results>/{wildcards.dataset}/plans"
    return f"{folder}/{wildcards.retriever}.jsonl" if planned else []


def planner_prompt(wildcards):
    shipped = Path(workflow.basedir) / "resources" / "prompts" / "plan_queries.jinja"
    own = cfg.retrievers[wildcards.retriever].prompt
    return str(own or os.path.relpath(shipped))


def planner_files(wildcards):
    return files_of(planner_of(wildcards))


def planner_journal(wildcards):
    folder = f"{cfg.results}/{wildcards.dataset}/journal/plans"
    return f"{folder}/{wildcards.retriever}.jsonl"


def planner_seed(wildcards):
    return cfg.seed if planner_of(wildcards).samples() else None


def planner_timeout_seconds(wildcards):
    """A resource, not a param: another limit makes no plan stale. 0: none."""
    return math.ceil(60 * (planner_of(wildcards).timeout_minutes or 0))


def planner_tokens():
    """A resource for each server and API: 1 for the jobs that ask it."""
    return {
        token: lambda wildcards, token=token: int(
            planner_of(wildcards).token() == token
        )
        for token in tokens(cfg)
    }


def planner_code(wildcards):
    provider = type(planner_of(wildcards)).__module__
    return code_digest(["modellab.generation.query_plans", provider])
