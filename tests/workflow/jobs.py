"""All jobs of a benchmark with their params, from the rules themselves, without a run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from modellab.workflow import benchmark
from modellab.workflow.fingerprints import Fingerprints
from modellab.workflow.mock import PROJECT, load_workflow

#: of this checkout, which no test changes: once for all workflows
_known = cache(Fingerprints)

#: a small benchmark with a member of each family that needs no extra file
BENCHMARK: dict[str, Any] = {
    "seed": 1,
    "corpora": {"notes": {"path": "notes"}},
    "datasets": {
        "quiz": {"corpus": "notes", "questions": "quiz.csv"},
        "flags": {
            "questions": "flags.csv",
            "format": {"kind": "label_csv", "label": "flag"},
            "task": {"kind": "label", "labels": ["yes", "no"]},
        },
    },
    "embedders": {"lsa": {"kind": "tfidf-svd", "dimensions": 3}},
    "retrievers": {
        "bm25": {"kind": "bm25", "top_k": 2},
        "dense": {"kind": "dense", "embedder": "lsa", "top_k": 2},
        "hybrid": {"kind": "hybrid", "of": ["bm25", "dense"], "top_k": 2},
        "split": {"kind": "query_decomposition", "of": "bm25", "model": "planner"},
        "oracle": {"kind": "oracle"},
        "none": {"kind": "none"},
    },
    "models": {
        "plain": {"provider": "extractive", "datasets": ["quiz"]},
        "planner": {"provider": "ollama", "model": "qwen3:4b", "enabled": False},
        "api": {"provider": "litellm", "model": "openai/m", "api_key_env": "KEY"},
        "votes": {"provider": "ensemble", "members": ["plain", "api"], "datasets": ["quiz"]},
    },
    "judges": {
        "strict": {
            "kind": "rubric",
            "model": {"provider": "litellm", "model": "openai/judge", "api_key_env": "KEY"},
            "metrics": ["correctness"],
            "datasets": ["quiz"],
        }
    },
    "plots": ["overall_scores"],
}


@dataclass(frozen=True)
class Jobs:
    """The jobs that a rule or file needs, whether what they make is there or not."""

    workflow: Any
    target: str = "all"

    @cached_property
    def by_name(self) -> dict[str, Any]:
        from snakemake.dag import DAG
        from snakemake.jobs import Job

        dag, found, known = DAG(self.workflow, rules=[]), {}, set()

        def makers(files):
            for file in set(files) - known:
                known.add(file)
                producers = (rule for rule in self.workflow.rules if rule.is_producer(file))
                yield from ((rule, rule.get_wildcards(file)) for rule in producers)

        if self.workflow.is_rule(self.target):
            waiting = [(self.workflow.get_rule(self.target), {})]
        else:
            waiting = [*makers([self.target])]
        while waiting:
            rule, wildcards = waiting.pop()
            job = Job(rule, dag, wildcards)
            found[" ".join([rule.name, *job.wildcards])] = job
            waiting += makers(job.input)
        return found

    def names(self, *parts: str) -> set[str]:
        """The jobs of rules with these prefixes."""
        return {name for name in self.by_name if name.startswith(parts)}

    def params(self) -> dict[str, dict[str, Any]]:
        return {name: dict(job.params.items()) for name, job in self.by_name.items()}

    def resources(self, name: str) -> dict[str, Any]:
        return dict(self.by_name[name].resources.items())


def jobs_of(config: dict[str, Any], target: str = "all", project: Path = PROJECT) -> Jobs:
    """The jobs of a config, whose files must be in the current folder; it is written there."""
    file = Path("config.yaml")
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    with patch.object(benchmark, "Fingerprints", _known if project == PROJECT else Fingerprints):
        return Jobs(load_workflow(configfiles=[file], project=project), target)


def rules(jobs: Iterable[str]) -> set[str]:
    """By name; rules for datasets that have other tables or plots have a number after it."""
    return {re.sub(r"^(tables|plots?)\d+$", r"\1", name.split()[0]) for name in jobs}


def changed(before: Jobs, after: Jobs) -> set[str]:
    """The jobs of the second benchmark that the first one did not have with the same params."""
    known = before.params()
    return {name for name, params in after.params().items() if params != known.get(name)}


def fingerprints(jobs: Jobs) -> dict[str, str]:
    """The param `code` of each job, from the sources as they are now."""
    jobs.workflow.globals["wf"].fingerprints.forget()
    found = {name: getattr(job.rule.params, "code", None) for name, job in jobs.by_name.items()}
    return {name: code(jobs.by_name[name].wildcards) for name, code in found.items() if code}
