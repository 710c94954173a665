"""Input functions: files in the config, and results that depend on the config.

A path of a result begins with `<results>`, which Snakemake replaces. An empty list is no file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from modellab.config.entries import databases_of, sql_of
from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.options import Options
from modellab.workflow.entries import Entries, Entry, Wildcards, listed
from modellab.workflow.systems import Systems

#: a path, several, or none
Paths = str | list[str]


class Files:
    """Files by wildcards.

    Args:
        prompts: The folder of the shipped prompts.
    """

    def __init__(self, config: Config, systems: Systems, entries: Entries, prompts: Path) -> None:
        self._config, self._systems, self._entries = config, systems, entries
        self._prompts = prompts

    def own(self, file: str) -> str:
        """The path of a file of a dataset (`modellab.core.layout`) in a rule."""
        return f"<results>/{{dataset}}/{file}"

    def each(self, file: str) -> str:
        """The same, for expanding another wildcard first."""
        return f"<results>/{{{{dataset}}}}/{file}"

    def table(self, name: str) -> str:
        return self.own(layout.table_file(name))

    def database(self, wildcards: Wildcards) -> list[str]:
        """The file or files of a dump, or an existing SQLite file."""
        options = self._config.databases[wildcards.database]
        if options.dump is None:
            return options.files()
        folder = options.dump
        return sorted(map(str, folder.iterdir())) if folder.is_dir() else [str(folder)]

    def corpus(self, wildcards: Wildcards) -> list[str]:
        """The files of a corpus, or the inputs of its database query."""
        options = self._config.corpora[wildcards.corpus]
        if options.sql:
            return self.rows_of(options.sql)
        if options.path is None or not options.path.is_dir():
            return [str(options.path)]
        found = (file for file in options.path.rglob("*") if file.is_file())
        return sorted(str(file) for file in found if not _is_hidden(file, options.path))

    def questions(self, wildcards: Wildcards) -> Paths:
        """The file (or folder) of questions of a dataset, or the inputs of its database query."""
        options = self._config.datasets[wildcards.dataset]
        return self.rows_of(options.sql) if options.sql else str(options.questions)

    def question_files(self, wildcards: Wildcards) -> list[str]:
        """The files in a folder of questions, or those that belong to a file of questions."""
        dataset = self._config.datasets[wildcards.dataset]
        path = dataset.questions
        if path is None or not path.exists():
            return []
        found = {*path.rglob("*"), *dataset.question_format.beside(path)}
        found = {one for one in found if one.is_file()}
        return sorted(str(one) for one in found if ".git" not in one.parts)

    def query_log(self, wildcards: Wildcards) -> Paths:
        """The table of questions, or the inputs of its database query."""
        options = self._config.query_logs[wildcards.query_log]
        return self.rows_of(options.sql) if options.sql else str(options.questions)

    def human_labels(self, wildcards: Wildcards) -> Paths:
        path = self._config.judging.human_labels.get(wildcards.dataset)
        return [] if path is None else str(path)

    def files_in(self, find: Callable[[Wildcards], Entry]) -> Callable[[Wildcards], list[str]]:
        """The files in entries, such as the schema of a task or the weights of a model."""
        return lambda wildcards: sorted(
            {file for entry in listed(find(wildcards)) for file in _files(entry)}
        )

    def prompt(self, wildcards: Wildcards) -> list[str]:
        """The prompt template of a model that uses one."""
        model = self._entries.model(wildcards)
        dataset = self._config.datasets[wildcards.dataset]
        if not model.uses_prompt:
            return []
        own: Path | None = getattr(model, "prompt", None)
        return [str(own or dataset.prompt or self._prompts / dataset.task.prompt)]

    def planner_prompt(self, wildcards: Wildcards) -> str:
        own = getattr(self._config.retrievers[wildcards.retriever], "prompt", None)
        return str(own or self._prompts / "plan_queries.jinja")

    def judge_prompts(self, wildcards: Wildcards) -> list[str]:
        """In the order of the judge's `prompt_files`."""
        found = self._entries.judge(wildcards).prompt_files(self._prompts / "judges")
        return list(map(str, found.values()))

    def synthesis_prompts(self, wildcards: Wildcards) -> list[str]:
        options = self._config.synthesize[wildcards.synthesis]
        folder = options.prompts or self._prompts / "synthesis"
        return [f"{folder}/{name}.jinja" for name in options.prompt_names()]

    def databases(self, find: Callable[[Wildcards], Entry]) -> Callable[[Wildcards], list[str]]:
        """The inputs of database queries in entries, such as those of stored vectors."""
        return lambda wildcards: list(
            dict.fromkeys(file for entry in listed(find(wildcards)) for file in self.rows_of(entry))
        )

    def databases_of_judge(self, wildcards: Wildcards) -> list[str]:
        judge = self._entries.judge(wildcards)
        return self.rows_of(judge) if judge.reads_chunks() else []

    def rows_of(self, entry: object) -> list[str]:
        """The stamps of the databases that an entry reads, and their SQLite files."""
        databases = {name: self._config.databases[name] for name in databases_of(entry)}
        stamps = [f"<results>/databases/{name}.json" for name in databases]
        made = [f"<results>/databases/{n}.db" for n, one in databases.items() if one.embedded()]
        # a stamp has row counts, which a change of an existing file may not affect
        given = [file for one in databases.values() for file in one.files()]
        own = [file for _, sql in sql_of(entry) for file in sql.files()]
        return stamps + made + given + own

    def judge_scores(self, wildcards: Wildcards) -> Paths:
        judged = bool(self._systems.judges(wildcards.dataset))
        return self.table("judge_scores").format(dataset=wildcards.dataset) if judged else []

    def status(self, wildcards: Wildcards) -> Paths:
        rated = wildcards.dataset in self._systems.with_targets()
        return self.own(layout.STATUS).format(dataset=wildcards.dataset) if rated else []

    def scores_of_ranked(self, wildcards: Wildcards) -> list[str]:
        """Questions and scores of a synthetic dataset, and of human ones on the same corpus."""
        found: list[str] = []
        for dataset in (wildcards.dataset, *self._systems.human_counterparts(wildcards.dataset)):
            found.append(self.own(layout.QUESTIONS).format(dataset=dataset))
            for model in self._systems.models(dataset):
                both = map(self.own, (layout.SUMMARY, layout.ROWS))
                found += (file.format(dataset=dataset, model=model) for file in both)
        return found


def shipped_prompts(project: Path) -> Path:
    """The folder of the shipped prompts, relative to the working folder."""
    return Path(os.path.relpath(project / "resources" / "prompts"))


def _files(entry: object) -> list[str]:
    """The files of an entry's paths; of a folder those in it."""
    files = getattr(entry, "files", None)
    paths = files().values() if files and isinstance(entry, Options) else ()
    inside = (file for path in paths for file in (path.iterdir() if path.is_dir() else [path]))
    return [str(file) for file in inside if file.is_file()]


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
