"""Params of tables and reports: descriptions of models, judges, retrievers and the config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modellab.config.answering import controls_of_model, retrievers_answered, roles_of_model
from modellab.config.entries import configured_language, reads_chunks, resolved_scorer
from modellab.config.schema import Config
from modellab.core.layout import LABEL_TABLES, table_file
from modellab.evaluation.targets.sources import described
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions
from modellab.workflow.entries import Entries, Wildcards, plain, wildcards_of
from modellab.workflow.systems import Systems

#: tables of datasets that models answer, of those with a corpus, and of those with both
ABOUT_ANSWERS = ("efficiency", "consistency")
ABOUT_PASSAGES = ("retrieval", "embedding_space")
ABOUT_BOTH = ("error_attribution",)
#: files by table, of tables whose metrics may have targets
_WITH_TARGETS = {
    "retrieval": ("retrieval",),
    "embedding_space": ("embedding_space",),
    "error_attribution": ("error_attribution",),
    "consistency": ("consistency",),
    "efficiency": ("efficiency",),
    "judge_scores": ("judge_scores",),
    "judges": ("judges/self_consistency", "judges/resource_usage"),
}


class Settings:
    """Plain data by wildcards."""

    def __init__(self, config: Config, systems: Systems, entries: Entries) -> None:
        self._config, self._systems, self._entries = config, systems, entries

    def ranked(self, wildcards: Wildcards) -> list[dict[str, Any]]:
        """A synthetic dataset and human ones on the same corpus, with their models."""
        datasets = [wildcards.dataset, *self._systems.human_counterparts(wildcards.dataset)]
        found = zip(datasets, self.scored_by(wildcards), strict=True)
        return [
            {
                "folder": f"{self._config.results}/{name}",
                "models": self._systems.models(name),
                "task": plain(task),
                "scorer": plain(scorer),
            }
            for name, (task, scorer) in found
        ]

    def scored_by(self, wildcards: Wildcards) -> list[tuple[TaskOptions, ScorerOptions]]:
        """Task and scorer of the datasets of `ranked`."""
        datasets = [wildcards.dataset, *self._systems.human_counterparts(wildcards.dataset)]
        return [
            (self._config.datasets[name].task, resolved_scorer(self._config, name))
            for name in datasets
        ]

    def consistency_apart(self) -> list[str]:
        """The datasets whose answers an embedder compares, in a job of its own."""
        return [
            name
            for name in self._config.datasets
            if self._entries.answers_embedder(wildcards_of(dataset=name))
        ]

    def searched(self, wildcards: Wildcards) -> dict[str, Any]:
        """The options of the retrievers whose indexes are searched, by name."""
        return {name: plain(entry) for name, entry in self._entries.searched(wildcards).items()}

    def corpus_language(self, wildcards: Wildcards) -> str:
        """The language of a corpus, or of a dataset's corpus."""
        own = getattr(wildcards, "corpus", None)
        corpus = own or self._config.datasets[wildcards.dataset].corpus
        return "auto" if corpus is None else self._config.corpora[corpus].language

    def task_name(self, wildcards: Wildcards) -> str:
        """The task of a dataset, and whether it was inferred."""
        dataset = self._config.datasets[wildcards.dataset]
        inferred = " (inferred from the questions)" if dataset.task_is_inferred else ""
        return f"{dataset.task.kind}{inferred}"

    def language(self, wildcards: Wildcards) -> str:
        return configured_language(self._config, wildcards.dataset)

    def scoring_seed(self, wildcards: Wildcards) -> int:
        """The seed of scorers with an embedder, which may be fitted on the corpus; else 0."""
        return self._config.seed if reads_chunks(self._config, wildcards.dataset) else 0

    def description(self) -> dict[str, Callable[[Wildcards], Any]]:
        """The params that describe a model in tables."""

        def param(name: str) -> Callable[[Wildcards], Any]:
            return lambda wildcards: self._model(wildcards)[name]

        names = ("provider", "model_id", "local", "size_b", "controls", "roles")
        return {name: param(name) for name in names}

    def _model(self, wildcards: Wildcards) -> dict[str, Any]:
        options = self._entries.model(wildcards)
        names = (self._config, wildcards.dataset, wildcards.model)
        return {
            "provider": options.provider,
            "model_id": options.model_id(),
            "local": options.runs_here(),
            "size_b": options.size_b,
            "controls": controls_of_model(*names),
            "roles": roles_of_model(*names),
        }

    def contestants(self, wildcards: Wildcards) -> dict[str, dict[str, Any]]:
        """The descriptions of a dataset's models, with the retrievers of their systems."""
        dataset = wildcards.dataset
        return {
            name: {
                **self._model(wildcards_of(dataset=dataset, model=name)),
                "retrievers": list(retrievers_answered(self._config, dataset, name)),
            }
            for name in self._systems.models(dataset)
        }

    def families(self, wildcards: Wildcards) -> dict[str, str | None]:
        """The families of models, by model."""
        return {
            name: self._config.models[name].family
            for name in self._systems.models(wildcards.dataset)
        }

    def controls(self, wildcards: Wildcards) -> dict[str, list[str]]:
        """The retrievers with which models are controls, by model."""
        names = self._systems.models(wildcards.dataset)
        found = {n: controls_of_model(self._config, wildcards.dataset, n) for n in names}
        return {name: retrievers for name, retrievers in found.items() if retrievers}

    def retriever_roles(self, wildcards: Wildcards) -> dict[str, Any]:
        """The retrievers of a dataset by role."""
        names = self._systems.retrievers_on(wildcards.dataset)
        entries = {name: self._config.retrievers[name] for name in names}

        def having(role: str) -> list[str]:
            return [name for name, entry in entries.items() if entry.role == role]

        return {
            "retrieved": having("retrieved"),
            "oracle": next(iter(having("oracle")), None),
            "none": next(iter(having("none")), None),
            "shuffled": {name: entries[name].of for name in having("shuffled")},  # type: ignore[attr-defined]
        }

    def judges(self, wildcards: Wildcards) -> dict[str, dict[str, Any]]:
        """The descriptions of judges in tables."""
        return {
            name: {
                "name": name,
                "kind": judge.kind,  # type: ignore[attr-defined]
                "model_id": judge.judging_model.model_id(),
                "family": judge.family or judge.judging_model.family,
                "scales": {metric: tuple(ends) for metric, ends in judge.scales().items()},
            }
            for name in self._systems.judges(wildcards.dataset)
            for judge in [self._entries.judge_named(name)]
        }

    def target_tables(self, wildcards: Wildcards) -> list[str]:
        """The dataset's tables with a metric that has a target."""
        absent = {"scores", *self.absent(wildcards.dataset)}
        if "judge_scores" in absent:
            absent.add("judges")
        entries = self._config.targets.of_dataset(wildcards.dataset)
        found = {table for one in entries for table in described(one.metric)}
        return [
            f"<results>/{wildcards.dataset}/{table_file(file)}"
            for table, files in _WITH_TARGETS.items()
            if table in found - absent
            for file in files
        ]

    def absent(self, dataset: str) -> set[str]:
        """The tables that a dataset does not have."""
        judges = self._systems.judges(dataset)
        made = self.tables(dataset)
        absent = {*ABOUT_ANSWERS, *ABOUT_PASSAGES, *ABOUT_BOTH}.difference(made)
        labels = self._config.datasets[dataset].task.kind == "label"
        return {
            *absent,
            *(() if judges else ("judge_scores",)),
            *(() if labels else LABEL_TABLES),
        }

    def tables(self, dataset: str) -> tuple[str, ...]:
        """The tables about answers and passages that a dataset has."""
        entry = self._config.datasets[dataset]
        answers, passages = entry.task.asks_models, entry.corpus is not None
        about_passages = ABOUT_PASSAGES if self._config.embedders else ("retrieval",)
        return (
            *(ABOUT_ANSWERS if answers else ()),
            *(about_passages if passages else ()),
            *(ABOUT_BOTH if answers and passages else ()),
        )

    def targets(self, wildcards: Wildcards) -> Any:
        """The targets that apply to a dataset."""
        options = plain(self._config.targets)
        entries = self._config.targets.of_dataset(wildcards.dataset)
        return {**options, "metrics": [plain(one) for one in entries]}

    def report_config(self, wildcards: Wildcards) -> dict[str, Any]:
        """The config of a dataset as the page shows it."""
        dataset, name = self._config.datasets[wildcards.dataset], wildcards.dataset
        corpus = dataset.corpus
        retrievers = self._systems.retrievers_on(name) if corpus else ()
        return {
            "seed": self._config.seed,
            "limit": self._config.limit,
            "dataset": plain(dataset),
            "corpora": {corpus: plain(self._config.corpora[corpus])} if corpus else {},
            "retrievers": {one: plain(self._entries.retriever_named(one)) for one in retrievers},
            "controls": self.controls(wildcards),
            "scorer": plain(self._entries.scorer(wildcards)),
            "statistics": plain(self._config.statistics),
        }

    def recorded_config(self, wildcards: Wildcards) -> dict[str, Any]:
        """The part of the config that determines the results of a dataset."""
        judges = self._systems.judges(wildcards.dataset)
        named = {name: self._entries.judge_named(name) for name in judges}
        models = {
            name: self._config.models[name] for name in self._systems.models(wildcards.dataset)
        }
        return {
            **self.report_config(wildcards),
            "models": {
                name: {
                    **options.cache_key_fields(),
                    "repeats": options.repeats,
                    "retry_on_abstain": options.retry_on_abstain,
                }
                for name, options in models.items()
            },
            "judges": {name: judge.cache_key_fields() for name, judge in named.items()},
            "targets": self.targets(wildcards),
            "min_coverage": self._config.judging.min_coverage if judges else None,
        }

    def recorded_retrievers(self, wildcards: Wildcards) -> list[str]:
        """The retrievers that the models of a dataset read, in the order of the config."""
        rows = [row for row in self._systems.answered if row.dataset == wildcards.dataset]
        read = {name for row in rows for name in row.retrievers}
        return [name for name in self._config.retrievers if name in read]
