"""Config entries of a job, by its wildcards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, cast

from pydantic import BaseModel

from modellab.config.entries import resolved_judge, resolved_scorer
from modellab.config.schema import Config
from modellab.judging.options import JudgeOptions
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.protocol import ModelOptions
from modellab.retrieval.contexts import RANKING_DEPTH, count_chunks, index_megabytes
from modellab.retrieval.protocol import IndexedOptions, RetrieverOptions
from modellab.tasks import module_of
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import METRICS, ScorerOptions


class Wildcards(Protocol):
    """The wildcards of a job: those of its rule's outputs."""

    corpus: str
    dataset: str
    retriever: str
    embedder: str
    model: str
    judge: str
    database: str
    query_log: str
    round: str
    synthesis: str
    plot: str


def wildcards_of(**names: str) -> Wildcards:
    return cast(Wildcards, SimpleNamespace(**names))


#: memory of an embedder's model
_EMBEDDER_MB = 3000
#: the wildcard that names an entry, by section of the config
_WILDCARDS = {
    "corpora": "corpus",
    "databases": "database",
    "datasets": "dataset",
    "embedders": "embedder",
    "query_logs": "query_log",
    "retrievers": "retriever",
    "synthesize": "synthesis",
}


class Entries:
    """Options by wildcards."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._scorer = cache(lambda dataset: resolved_scorer(config, dataset))
        self._judge = cache(lambda judge: resolved_judge(config, judge))

    def key(self, section: str, *keys: str) -> Callable[[Wildcards], Any]:
        """A param: the entry of a section, or an attribute or the result of a method of it."""

        def find(wildcards: Wildcards) -> Any:
            value = getattr(self._config, section)[getattr(wildcards, _WILDCARDS[section])]
            for key in keys:
                value = getattr(value, key)
            return value() if callable(value) else value

        return find

    def task(self, wildcards: Wildcards) -> TaskOptions:
        return self._config.datasets[wildcards.dataset].task

    def scorer(self, wildcards: Wildcards) -> ScorerOptions:
        """The dataset's scorer, its embedder resolved."""
        found: ScorerOptions = self._scorer(wildcards.dataset)
        return found

    def canonical(self, wildcards: Wildcards) -> list[str]:
        """The module of the canonical answers of a dataset's task."""
        return module_of(self.task(wildcards).kind, "canonical")

    def matrix(self, wildcards: Wildcards) -> list[str]:
        """The module of a task's own matrix columns, if it has any."""
        return module_of(self.task(wildcards).kind, "matrix")

    def metrics(self, wildcards: Wildcards) -> list[str]:
        """The modules of the scorer's additional metrics."""
        return [METRICS.module(name) for name in self.scorer(wildcards).metrics]

    def model(self, wildcards: Wildcards) -> ModelOptions:
        return self._config.models[model_of(wildcards)]

    def judge(self, wildcards: Wildcards) -> JudgeOptions:
        """A judge's options, its model and embedder resolved."""
        return self.judge_named(wildcards.judge)

    def judge_named(self, name: str) -> JudgeOptions:
        found: JudgeOptions = self._judge(name)
        return found

    def judging_model(self, wildcards: Wildcards) -> ModelOptions:
        return self.judge(wildcards).judging_model

    def planner(self, wildcards: Wildcards) -> ModelOptions:
        """The model that plans a retriever's queries."""
        return self._config.models[str(self._config.retrievers[wildcards.retriever].planner())]

    def writers(self, wildcards: Wildcards) -> list[ModelOptions]:
        """The models of a synthesis, the one that writes questions first."""
        return list(self.synthesis_models(wildcards.synthesis).values())

    def synthesis_models(self, synthesis: str) -> Mapping[str, ModelOptions]:
        return self._config.synthesize[synthesis].resolved(self._config.models)

    def retriever(self, wildcards: Wildcards) -> RetrieverOptions:
        """A retriever with its embedder resolved.

        For tasks that ask no model, it retrieves to the depth of rankings.
        """
        options = self.retriever_named(wildcards.retriever)
        dataset = self._config.datasets.get(getattr(wildcards, "dataset", ""))
        alone = dataset is not None and not dataset.task.asks_models
        return options.at_depth(RANKING_DEPTH) if alone else options

    def retriever_named(self, name: str) -> RetrieverOptions:
        options = self._config.retrievers[name]
        embedder = getattr(options, "embedder", None)
        if not isinstance(embedder, str):
            return options
        resolved: RetrieverOptions = options.with_embedder(self._config.embedders[embedder])  # type: ignore[attr-defined]
        return resolved

    def searched(self, wildcards: Wildcards) -> dict[str, RetrieverOptions]:
        """The retrievers whose indexes a retriever searches: itself, or those that it fuses."""
        name, options = wildcards.retriever, self._config.retrievers[wildcards.retriever]
        names = [name] if options.indexed else options.searches()
        return {name: self.retriever_named(name) for name in names}

    def search_threads(self, wildcards: Wildcards) -> int:
        """The most threads of any retriever and embedder."""
        options = self.search(wildcards)
        embedders = (getattr(one, "embedder", None) for one in options)
        return max(part.threads for part in (*options, *embedders) if part is not None)

    def index_megabytes(self, wildcards: Wildcards, input: Any) -> int:  # noqa: A002
        """Memory of the job that builds an index, an embedder's model included."""
        options = self.retriever(wildcards)
        assert isinstance(options, IndexedOptions)
        return _EMBEDDER_MB + index_megabytes(options, *count_chunks(Path(input.chunks)))

    def search(self, wildcards: Wildcards) -> list[RetrieverOptions]:
        """All options that determine a retriever's results."""
        return [self.retriever(wildcards), *self.searched(wildcards).values()]

    def answers_embedder(self, wildcards: Wildcards) -> EmbedderOptions | None:
        """The embedder that compares answers: the scorer's, or the first that embeds any text."""
        own: EmbedderOptions | None = getattr(self.scorer(wildcards), "embedder", None)
        able = (entry for entry in self._config.embedders.values() if entry.knows_any_text())
        return own or next(able, None)

    def topics_embedder(self, wildcards: Wildcards) -> EmbedderOptions:
        """The embedder of a query log's topics."""
        return self._config.embedders[self._config.query_logs[wildcards.query_log].embedder]

    def query_log_retriever(self, wildcards: Wildcards) -> RetrieverOptions:
        return self.retriever_named(self._config.query_logs[wildcards.query_log].retriever)


def model_of(wildcards: Wildcards) -> str:
    """The model of a job, also of a shard such as `qwen/2-of-4`."""
    return wildcards.model.partition("/")[0]


#: one entry, several, or none
Entry = BaseModel | Iterable[BaseModel] | None


def listed(entry: Entry | list[str]) -> list[BaseModel | str]:
    if entry is None:
        return []
    return [entry] if isinstance(entry, BaseModel) else list(entry)


def plain(entry: Entry) -> Any:
    """Options as plain data, so that a param changes with its values only."""
    if entry is None:
        return None
    if isinstance(entry, BaseModel):
        return entry.model_dump(mode="json")
    return [plain(one) for one in entry]


def of(find: Callable[[Wildcards], Entry]) -> Callable[[Wildcards], Any]:
    """A param: an entry as plain data."""
    return lambda wildcards: plain(find(wildcards))


def key_of(find: Callable[[Wildcards], Any]) -> Callable[[Wildcards], Any]:
    """A param: the cache key fields of an entry."""
    return lambda wildcards: find(wildcards).cache_key_fields()
