"""Resources, params and journals of jobs that ask a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from modellab.config.answering import endpoint_slots
from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.retry_rounds import next_round
from modellab.models.protocol import ModelOptions
from modellab.workflow.entries import Entries, Wildcards

Models = ModelOptions | Sequence[ModelOptions]
Find = Callable[[Wildcards], Models]


class Asking:
    """Of predictions, judgements, query plans and synthetic questions, by wildcards."""

    def __init__(self, config: Config, entries: Entries) -> None:
        self._config, self._entries = config, entries
        #: cached, as it must not change during a run
        self._round = cache(lambda journal: next_round(Path(journal), config.retry_failed))

    def resources(self, find: Find, rows_may_fail: bool = True) -> dict[str, Any]:
        """The resources of a rule whose jobs ask one or several models in turn.

        Unlike params, resources make no answer stale. `timeout_seconds` is 0 without a limit. Each
        server and API is a resource, of which a job that asks it takes 1. With `rows_may_fail`,
        `retry_failed: false` keeps failed rows instead of failing the job.
        """

        def most(value: Callable[[ModelOptions], int]) -> Callable[[Wildcards], int]:
            return lambda wildcards: max(map(value, _several(find(wildcards))))

        def slot(name: str) -> Callable[[Wildcards], int]:
            return most(lambda model: int(model.endpoint_slot() == name))

        return {
            **{name: slot(name) for name in endpoint_slots(self._config)},
            "gpu": most(lambda model: model.gpu_need()),
            "slots_per_gpu": lambda wildcards: _shared(_several(find(wildcards))),
            "timeout_seconds": lambda wildcards: _seconds(_several(find(wildcards))),
            "keep_failed": int(rows_may_fail and not self._config.retry_failed),
        }

    def threads(self, find: Find) -> Callable[[Wildcards], int]:
        """The largest number of CPU cores of any of the models."""
        return lambda wildcards: max(model.threads for model in _several(find(wildcards)))

    def seed(self, find: Find) -> Callable[[Wildcards], int | None]:
        """The seed of models that sample; None for those that decode greedily."""
        return lambda wildcards: (
            self._config.seed if any(m.samples() for m in _several(find(wildcards))) else None
        )

    def judge_seed(self, wildcards: Wildcards) -> int | None:
        """The seed, also of an embedder that may be fitted on the corpus."""
        judge = self._entries.judge(wildcards)
        random = judge.judging_model.samples() or judge.reads_chunks()
        return self._config.seed if random else None

    def round(self, journal: Callable[[Wildcards], str]) -> Callable[[Wildcards], int]:
        """The number of the retry round: a new one if the last left rows unanswered."""
        return lambda wildcards: self._round(journal(wildcards))

    def journal(self, wildcards: Wildcards) -> str:
        return self._of(wildcards, layout.JOURNAL.format(model=wildcards.model))

    def judge_journal(self, wildcards: Wildcards) -> str:
        return self._of(wildcards, layout.JUDGE_JOURNAL.format(judge=wildcards.judge))

    def planner_journal(self, wildcards: Wildcards) -> str:
        return self._of(wildcards, layout.PLANS_JOURNAL.format(retriever=wildcards.retriever))

    def _of(self, wildcards: Wildcards, file: str) -> str:
        return f"{self._config.results}/{wildcards.dataset}/{file}"

    def synthesis_journal(self, wildcards: Wildcards) -> str:
        return f"{self._config.results}/synthesis/{wildcards.synthesis}/journal"

    def model(self, wildcards: Wildcards) -> dict[str, Any]:
        """The options that determine a model's answers."""
        options = self._entries.model(wildcards)
        return {
            **options.cache_key_fields(),
            "repeats": options.repeats,
            "retry_on_abstain": options.retry_on_abstain,
        }

    def writers(self, wildcards: Wildcards) -> dict[str, Any]:
        """The cache key fields of a synthesis's models, by name."""
        models = self._entries.synthesis_models(wildcards.synthesis)
        return {name: options.cache_key_fields() for name, options in models.items()}


def _several(models: Models) -> Sequence[ModelOptions]:
    return [models] if isinstance(models, ModelOptions) else models


def _shared(models: Sequence[ModelOptions]) -> int:
    """The number of jobs that may share a GPU: the smallest that any model allows."""
    return min((m.slots_per_gpu for m in models if m.gpu_need()), default=1)


def _seconds(models: Sequence[ModelOptions]) -> int:
    return math.ceil(60 * sum(model.timeout_minutes or 0 for model in models))
