"""Input functions: the files that a job reads, as far as its name does not say them.

A path begins with `<results>`, which Snakemake replaces. An empty list stands for no file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from modellab.config.entries import databases_of, reads_chunks, sql_of
from modellab.config.schema import Config
from modellab.core.options import Options
from modellab.models.protocol import ModelOptions, Place
from modellab.retrieval.embedding_coverage import has_vectors
from modellab.workflow.entries import Entries, Entry, Wildcards, listed, model_of
from modellab.workflow.systems import Systems, shards_of, unique

#: a path, several, or none
Paths = str | list[str]
CHUNKS = "<results>/corpora/{corpus}/chunks.jsonl"
_SCORES = ("json", "csv")


class Files:
    """By wildcards: files.

    Args:
        prompts: The folder of prompts that ship, as rules are to name it.
    """

    def __init__(self, config: Config, systems: Systems, entries: Entries, prompts: Path) -> None:
        self._config, self._systems, self._entries = config, systems, entries
        self._prompts = prompts

    # what the config names

    def database(self, wildcards: Wildcards) -> list[str]:
        """The file of a dump, those of its folder, or an SQLite file that is there already."""
        options = self._config.databases[wildcards.database]
        if options.dump is None:
            return options.files()
        folder = options.dump
        return sorted(map(str, folder.iterdir())) if folder.is_dir() else [str(folder)]

    def corpus(self, wildcards: Wildcards) -> list[str]:
        """The files of a corpus, or what its rows of a database depend on."""
        options = self._config.corpora[wildcards.corpus]
        if options.sql:
            return self.rows_of(options.sql)
        if options.path is None or not options.path.is_dir():
            return [str(options.path)]
        found = (file for file in options.path.rglob("*") if file.is_file())
        return sorted(str(file) for file in found if not _is_hidden(file, options.path))

    def questions(self, wildcards: Wildcards) -> Paths:
        """The file (or folder) of questions, or what its rows of a database depend on."""
        options = self._entries.dataset(wildcards)
        return self.rows_of(options.sql) if options.sql else str(options.questions)

    def in_questions(self, wildcards: Wildcards) -> list[str]:
        """The files of a folder of questions, and those beside, so that a change of one is seen."""
        dataset = self._entries.dataset(wildcards)
        path = dataset.questions
        if path is None or not path.exists():
            return []
        found = {*path.rglob("*"), *dataset.written_as.beside(path)}
        found = {one for one in found if one.is_file()}
        return sorted(str(one) for one in found if ".git" not in one.parts)

    def query_log(self, wildcards: Wildcards) -> Paths:
        """The table of questions, or what its rows of a database depend on."""
        options = self._config.query_logs[wildcards.query_log]
        return self.rows_of(options.sql) if options.sql else str(options.questions)

    def human_labels(self, wildcards: Wildcards) -> Paths:
        path = self._config.judging.human_labels.get(wildcards.dataset)
        return [] if path is None else str(path)

    def held_by(self, find: Callable[[Wildcards], Entry]) -> Callable[[Wildcards], list[str]]:
        """The files that entries name: the schema of a task, the weights of a model."""

        def files(wildcards: Wildcards) -> list[str]:
            return sorted({f for entry in listed(find(wildcards)) for f in _files(entry)})

        return files

    def prompt(self, wildcards: Wildcards) -> list[str]:
        """The prompt of a model that reads one."""
        model, dataset = self._entries.model(wildcards), self._entries.dataset(wildcards)
        if not model.uses_prompt:
            return []
        own: Path | None = getattr(model, "prompt", None)
        return [str(own or dataset.prompt or self._prompts / dataset.task.prompt)]

    def planner_prompt(self, wildcards: Wildcards) -> str:
        own = getattr(self._config.retrievers[wildcards.retriever], "prompt", None)
        return str(own or self._prompts / "plan_queries.jinja")

    def judge_prompts(self, wildcards: Wildcards) -> dict[str, str]:
        """By metric."""
        judge = self._entries.judge(wildcards)
        found = judge.prompt_files(self._prompts / "judges")
        return {metric: str(path) for metric, path in found.items()}

    def synthesis_prompts(self, wildcards: Wildcards) -> list[str]:
        options = self._config.synthesize[wildcards.synthesis]
        folder = options.prompts or self._prompts / "synthesis"
        return [f"{folder}/{name}.jinja" for name in options.prompt_names()]

    # databases

    def databases(self, find: Callable[[Wildcards], Entry]) -> Callable[[Wildcards], list[str]]:
        """What the rows depend on that entries read of databases, such as stored vectors."""
        return lambda wildcards: unique(
            file for entry in listed(find(wildcards)) for file in self.rows_of(entry)
        )

    def rows_of(self, entry: object) -> list[str]:
        """The stamps of databases by name, and the files of SQLite."""
        databases = {name: self._config.databases[name] for name in databases_of(entry)}
        stamps = [f"<results>/databases/{name}.json" for name in databases]
        made = [f"<results>/databases/{n}.db" for n, one in databases.items() if one.embedded()]
        # a stamp counts rows: a file that is there may change and have as many
        there = [file for one in databases.values() for file in one.files()]
        own = [file for _, sql in sql_of(entry) for file in sql.files()]
        return stamps + made + there + own

    def databases_of_judge(self, wildcards: Wildcards) -> list[str]:
        judge = self._entries.judge(wildcards)
        return self.rows_of(judge) if judge.reads_chunks() else []

    # corpora and what is found in them

    def chunks(self, wildcards: Wildcards) -> Paths:
        """The chunks of a dataset's corpus, where it has one."""
        corpus = self._entries.dataset(wildcards).corpus
        return [] if corpus is None else CHUNKS.format(corpus=corpus)

    def documents(self, wildcards: Wildcards) -> Paths:
        """What became of the documents of a dataset's corpus, and what else they are called."""
        corpus = self._entries.dataset(wildcards).corpus
        return [] if corpus is None else f"<results>/corpora/{corpus}/documents.csv"

    def chunks_of_query_log(self, wildcards: Wildcards) -> str:
        return CHUNKS.format(corpus=self._config.query_logs[wildcards.query_log].corpus)

    def chunks_of_synthesis(self, wildcards: Wildcards) -> str:
        return CHUNKS.format(corpus=self._config.synthesize[wildcards.synthesis].corpus)

    def chunks_to_score(self, wildcards: Wildcards) -> Paths:
        """For scorers with an embedder, which may have to learn from the corpus."""
        wanted = reads_chunks(self._config, wildcards.dataset)
        return self.chunks(wildcards) if wanted else []

    def chunks_to_judge(self, wildcards: Wildcards) -> Paths:
        """For judges with an embedder, which may have to learn from the corpus."""
        return self.chunks(wildcards) if self._entries.judge(wildcards).reads_chunks() else []

    def indexes(self, wildcards: Wildcards) -> list[str]:
        """The indexes that a retriever asks."""
        return [self._index(wildcards, name) for name in self._entries.searched(wildcards)]

    def indexes_of_embedder(self, wildcards: Wildcards) -> list[str]:
        """The indexes of a dataset's retrievers whose vectors an embedder made."""
        return [
            self._index(wildcards, name)
            for name in self._systems.retrievers_on(wildcards.dataset)
            if getattr(self._config.retrievers[name], "embedder", None) == wildcards.embedder
        ]

    def indexes_of_vectors(self, wildcards: Wildcards) -> list[str]:
        """The indexes of vectors of a corpus, for all retrievers that have one."""
        return [
            f"<results>/corpora/{wildcards.corpus}/indexes/{name}"
            for name, options in self._config.retrievers.items()
            if has_vectors(options)
        ]

    def index_of_query_log(self, wildcards: Wildcards) -> str:
        options = self._config.query_logs[wildcards.query_log]
        return f"<results>/corpora/{options.corpus}/indexes/{options.retriever}"

    def rearranged(self, wildcards: Wildcards) -> list[str]:
        """The contexts that a retriever starts from."""
        names = self._config.retrievers[wildcards.retriever].starts_from()
        return _contexts(wildcards.dataset, names)

    def plans(self, wildcards: Wildcards) -> Paths:
        """The queries that a model made for a retriever with a planner."""
        planned = self._config.retrievers[wildcards.retriever].planner()
        folder = f"<results>/{wildcards.dataset}/plans"
        return f"{folder}/{wildcards.retriever}.jsonl" if planned else []

    def per_finder(self, folder: str) -> Callable[[Wildcards], list[str]]:
        """A file in that folder for each retriever whose passages can be right or wrong."""

        def files(wildcards: Wildcards) -> list[str]:
            return [
                f"<results>/{wildcards.dataset}/{folder}/{name}.jsonl"
                for name in self._systems.retrievers_on(wildcards.dataset)
                if self._config.retrievers[name].role in ("retrieved", "oracle")
            ]

        return files

    # of one model

    def contexts(self, wildcards: Wildcards) -> list[str]:
        """The contexts that a model reads."""
        names = self._systems.retrievers(wildcards.dataset, model_of(wildcards))
        return _contexts(wildcards.dataset, names)

    def shards(self, pattern: str) -> Callable[[Wildcards], list[str]]:
        """A file for each shard of a model, such as `predictions/{}.jsonl` of a dataset."""
        return lambda wildcards: [
            f"<results>/{wildcards.dataset}/{pattern.format(job)}"
            for job in shards_of(wildcards.model, self._entries.model(wildcards))
        ]

    def searches_of_model(self, wildcards: Wildcards) -> list[str]:
        """What each search for a model's passages took."""
        names = self._steps_of_model(wildcards.dataset, wildcards.model)
        return _searches(wildcards.dataset, names)

    def plans_of_model(self, wildcards: Wildcards) -> list[str]:
        """What planning for a model's passages took, where there was any."""
        names = self._steps_of_model(wildcards.dataset, wildcards.model)
        return self._planned(wildcards.dataset, names)

    def members(self, wildcards: Wildcards) -> list[str]:
        """The predictions of an ensemble's members."""
        return [
            f"<results>/{wildcards.dataset}/predictions/{name}.jsonl"
            for name in self._ensemble(wildcards).members
        ]

    def weighing_questions(self, wildcards: Wildcards) -> Paths:
        """The questions whose scores weigh an ensemble's votes; none where all weigh the same."""
        source = self._ensemble(wildcards).weights_from
        return f"<results>/{source.dataset}/questions.jsonl" if source else []

    def weighing_scores(self, wildcards: Wildcards) -> list[str]:
        ensemble = self._ensemble(wildcards)
        source, members = ensemble.weights_from, ensemble.members
        return [f"<results>/{source.dataset}/scores/{n}.json" for n in members] if source else []

    def others(self, wildcards: Wildcards) -> list[str]:
        """The predictions of the models that a judge compares a model with."""
        names = self._systems.others(wildcards.dataset, wildcards.judge, wildcards.model)
        return [f"<results>/{wildcards.dataset}/predictions/{name}.jsonl" for name in names]

    # of all models of a dataset

    def searches(self, wildcards: Wildcards) -> list[str]:
        return _searches(wildcards.dataset, self._steps(wildcards.dataset))

    def plans_of_dataset(self, wildcards: Wildcards) -> list[str]:
        return self._planned(wildcards.dataset, self._steps(wildcards.dataset))

    def contexts_read(self, wildcards: Wildcards) -> list[str]:
        """The contexts that any model of a dataset reads."""
        models = self._systems.models(wildcards.dataset)
        read = (self._systems.retrievers(wildcards.dataset, model) for model in models)
        return _contexts(wildcards.dataset, unique(name for names in read for name in names))

    def contexts_that_search(self, wildcards: Wildcards) -> list[str]:
        """The contexts of each retriever that should find passages for every question."""
        if self._entries.dataset(wildcards).corpus is None:
            return []
        names = self._systems.retrievers_on(wildcards.dataset)
        found = [name for name in names if self._config.retrievers[name].role == "retrieved"]
        return _contexts(wildcards.dataset, found)

    def scores_of_ranked(self, wildcards: Wildcards) -> list[str]:
        """Questions and scores of a dataset of synthetic questions, and of people's beside it."""
        datasets = [wildcards.dataset, *self._systems.people_beside(wildcards.dataset)]
        return [
            f"<results>/{dataset}/{name}"
            for dataset in datasets
            for name in (
                "questions.jsonl",
                *(f"scores/{m}.{kind}" for m in self._systems.models(dataset) for kind in _SCORES),
            )
        ]

    def judgements(self, wildcards: Wildcards) -> list[str]:
        folder = f"<results>/{wildcards.dataset}/judgements"
        rows = self._systems.judgements(wildcards.dataset)
        return [f"{folder}/{row.judge}/{row.model}.jsonl" for row in rows]

    def judgement_runs(self, wildcards: Wildcards) -> list[str]:
        """How the judgements of a dataset were made."""
        folder = f"<results>/{wildcards.dataset}/judgements"
        rows = self._systems.judgements(wildcards.dataset)
        return [f"{folder}/{row.judge}/runs/{row.model}.json" for row in rows]

    def judge_scores(self, wildcards: Wildcards) -> Paths:
        judged = bool(self._systems.judges(wildcards.dataset))
        return f"<results>/{wildcards.dataset}/judge_scores.csv" if judged else []

    def query_logs(self, wildcards: Wildcards) -> list[str]:
        """What users asked of the documents of a dataset."""
        corpus = self._entries.dataset(wildcards).corpus
        return [
            f"<results>/query_logs/{name}/tables"
            for name, options in self._config.query_logs.items()
            if options.corpus == corpus
        ]

    def _index(self, wildcards: Wildcards, retriever: str) -> str:
        corpus = self._entries.dataset(wildcards).corpus
        return f"<results>/corpora/{corpus}/indexes/{retriever}"

    def _ensemble(self, wildcards: Wildcards) -> Any:
        return self._config.models[wildcards.model]

    def _steps_of(self, retriever: str) -> list[str]:
        """A retriever, and those that it starts from, whose passages were found for it as well."""
        before = self._config.retrievers[retriever].starts_from()
        return [retriever, *(step for name in before for step in self._steps_of(name))]

    def _steps_of_model(self, dataset: str, model: str) -> list[str]:
        """The retrievers that found the passages of a model, each once."""
        options = self._config.models[model]
        if not options.uses_contexts or options.place() == Place.VOTE:
            return []
        names = self._systems.retrievers(dataset, model)
        return unique(step for name in names for step in self._steps_of(name))

    def _steps(self, dataset: str) -> list[str]:
        models = self._systems.models(dataset)
        return unique(s for model in models for s in self._steps_of_model(dataset, model))

    def _planned(self, dataset: str, retrievers: Iterable[str]) -> list[str]:
        planned = [name for name in retrievers if self._config.retrievers[name].planner()]
        return [f"<results>/{dataset}/plans/{name}.jsonl" for name in planned]


def shipped_prompts(project: Path) -> Path:
    """The folder of prompts that ship, relative to where Snakemake runs: records name it so."""
    return Path(os.path.relpath(project / "resources" / "prompts"))


def _contexts(dataset: str, retrievers: Iterable[str]) -> list[str]:
    return [f"<results>/{dataset}/contexts/{name}.jsonl" for name in retrievers]


def _searches(dataset: str, retrievers: Iterable[str]) -> list[str]:
    return [f"<results>/{dataset}/contexts/runs/{name}.json" for name in retrievers]


def _files(entry: object) -> list[str]:
    """The files of an entry's paths; of a folder those in it."""
    paths = entry.files().values() if isinstance(entry, ModelOptions) else _task_files(entry)
    inside = (file for path in paths for file in (path.iterdir() if path.is_dir() else [path]))
    return [str(file) for file in inside if file.is_file()]


def _task_files(entry: object) -> list[Path]:
    files = getattr(entry, "files", None)
    return list(files().values()) if files and isinstance(entry, Options) else []


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
