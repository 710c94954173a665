"""Names of config entries by wildcards, to expand the paths of inputs with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modellab.config.entries import reads_chunks
from modellab.config.schema import Config
from modellab.models.protocol import Place
from modellab.workflow.entries import Entries, Wildcards, model_of
from modellab.workflow.systems import Systems, shards_of


class Names:
    """Names by wildcards, in the order of the config.

    Attributes are the methods of `Systems` of these names.
    """

    def __init__(self, config: Config, systems: Systems, entries: Entries) -> None:
        self._config, self._systems, self._entries = config, systems, entries
        self.models = _by(systems.models, "dataset")
        self.missing = _by(systems.missing, "dataset")
        self.judged_by = _by(systems.judged_by, "dataset")
        self.judged = _by(systems.judged, "dataset", "judge")
        self.read_by_judge = _by(systems.read_by_judge, "dataset", "judge")

    def corpus(self, wildcards: Wildcards) -> list[str]:
        """The corpus of a dataset, if it has one, of a query log or of a synthesis."""
        for key, section in (
            ("dataset", self._config.datasets),
            ("query_log", self._config.query_logs),
            ("synthesis", self._config.synthesize),
        ):
            if name := getattr(wildcards, key, None):
                corpus = section[name].corpus
                return [] if corpus is None else [corpus]
        return []

    def corpus_to_score(self, wildcards: Wildcards) -> list[str]:
        """The corpus of scorers with an embedder, which may be fitted on it."""
        return self.corpus(wildcards) if reads_chunks(self._config, wildcards.dataset) else []

    def corpus_to_judge(self, wildcards: Wildcards) -> list[str]:
        """The corpus of judges with an embedder, which may be fitted on it."""
        return self.corpus(wildcards) if self._entries.judge(wildcards).reads_chunks() else []

    # models

    def shards(self, wildcards: Wildcards) -> list[str]:
        return shards_of(wildcards.model, self._entries.model(wildcards))

    def members(self, wildcards: Wildcards) -> list[str]:
        """The members of an ensemble."""
        return list(self._config.models[wildcards.model].members)  # type: ignore[attr-defined]

    def weights_from(self, wildcards: Wildcards) -> list[str]:
        """The dataset whose scores weight an ensemble's votes, if any."""
        source = self._config.models[wildcards.model].weights_from  # type: ignore[attr-defined]
        return [source.dataset] if source else []

    # retrievers

    def contexts(self, wildcards: Wildcards) -> list[str]:
        """The retrievers whose contexts a model, the models of a judge, or all models read."""
        return _unique(
            retriever
            for model in self._asked(wildcards)
            for retriever in self._systems.retrievers(wildcards.dataset, model)
        )

    def steps(self, wildcards: Wildcards) -> list[str]:
        """All retrievers that are involved in the contexts of the models."""
        models = {name: self._config.models[name] for name in self._asked(wildcards)}
        return _unique(
            step
            for name, options in models.items()
            if options.uses_contexts and options.place() != Place.VOTE
            for retriever in self._systems.retrievers(wildcards.dataset, name)
            for step in self._steps(retriever)
        )

    def planned_steps(self, wildcards: Wildcards) -> list[str]:
        """The retrievers of `steps` whose queries a model plans."""
        retrievers = self._config.retrievers
        return [name for name in self.steps(wildcards) if retrievers[name].planner()]

    def planned(self, wildcards: Wildcards) -> list[str]:
        """A retriever, if a model plans its queries."""
        name = wildcards.retriever
        return [name] if self._config.retrievers[name].planner() else []

    def indexed(self, wildcards: Wildcards) -> list[str]:
        """The retrievers whose indexes a retriever or a query log searches."""
        if log := getattr(wildcards, "query_log", None):
            return [self._config.query_logs[log].retriever]
        return list(self._entries.searched(wildcards))

    def indexed_with(self, wildcards: Wildcards) -> list[str]:
        """The retrievers of a dataset with vectors of an embedder."""
        return [
            name
            for name in self._systems.retrievers_on(wildcards.dataset)
            if getattr(self._config.retrievers[name], "embedder", None) == wildcards.embedder
        ]

    def starts_from(self, wildcards: Wildcards) -> list[str]:
        """The retrievers whose contexts a retriever starts from."""
        return list(self._config.retrievers[wildcards.retriever].starts_from())

    def with_roles(self, *roles: str) -> Callable[[Wildcards], list[str]]:
        """The retrievers of a dataset in one of these roles."""

        def find(wildcards: Wildcards) -> list[str]:
            on = self._systems.retrievers_on(wildcards.dataset) if self.corpus(wildcards) else ()
            return [name for name in on if self._config.retrievers[name].role in roles]

        return find

    def query_logs(self, wildcards: Wildcards) -> list[str]:
        """The query logs about the documents of a dataset."""
        logs, corpus = self._config.query_logs.items(), self.corpus(wildcards)
        return [name for name, options in logs if options.corpus in corpus]

    def _asked(self, wildcards: Wildcards) -> list[str]:
        if hasattr(wildcards, "model"):
            return [model_of(wildcards)]
        return (self.read_by_judge if hasattr(wildcards, "judge") else self.models)(wildcards)

    def _steps(self, retriever: str) -> list[str]:
        before = self._config.retrievers[retriever].starts_from()
        return [retriever, *(step for name in before for step in self._steps(name))]


def _by(find: Callable[..., list[str]], *names: str) -> Callable[[Wildcards], list[str]]:
    """A function of wildcards, given one of their values."""
    return lambda wildcards: find(*(getattr(wildcards, name) for name in names))


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
