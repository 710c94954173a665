"""Resolving a config: paths, tasks, copies of data sets, and names of entries."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from modellab.config.problems import ConfigError, Problem
from modellab.config.schema import Config, DatasetOptions
from modellab.core.errors import InputError
from modellab.core.io.folders import is_hub_address, local_copy
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.core.io.yaml_file import Location
from modellab.core.text.languages import AUTO
from modellab.judging import JudgeEntry
from modellab.judging.ragas.options import RagasOptions
from modellab.models.chat import WeightsOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.models.generators.baseline import PassagesOptions
from modellab.questions.selection import fitting_task
from modellab.tasks import default_scorer, parse_task
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.retrieval.task import RetrievalOptions
from modellab.tasks.scorer import ScorerOptions

Entry = TypeVar("Entry", bound=BaseModel)


def parts(value: object) -> Iterator[tuple[str, Any]]:
    """The values of options, of a map or of a list, by key."""
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        yield from ((str(key), one) for key, one in value.items())
    elif isinstance(value, tuple | list):
        yield from ((str(index), one) for index, one in enumerate(value))


def entries_of(
    kind: type[Entry], options: object, location: Location = (), enabled: bool = False
) -> Iterator[tuple[Location, Entry]]:
    """All entries of a kind in options, with their location; `enabled` skips disabled ones."""
    if enabled and getattr(options, "enabled", True) is False:
        return
    if isinstance(options, kind):
        yield location, options
    for name, value in parts(options):
        yield from entries_of(kind, value, (*location, name), enabled)


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with `change` applied to it and all its parts; unset keys stay unset."""
    value = change(value)
    before = dict(parts(value))
    after = {name: rebuilt(one, change) for name, one in before.items()}
    changed = {name: one for name, one in after.items() if one is not before[name]}
    if not changed:
        return value
    if isinstance(value, BaseModel):
        return value.model_copy(update=changed)
    if isinstance(value, Mapping):
        return {key: after[str(key)] for key in value}
    return type(value)(after.values())


def sql_of(options: object) -> Iterator[tuple[Location, SqlOptions]]:
    """All database queries in options, with their location."""
    return entries_of(SqlOptions, options)


def databases_of(options: object) -> list[str]:
    """The names of the databases that options read."""
    return sorted({found.database for _, found in sql_of(options) if found.database})


def embedded_path(config: Config, name: str) -> Path:
    """The SQLite file of a dump that is restored without a server."""
    return config.results / "databases" / f"{name}.db"


def with_urls(config: Config) -> Config:
    """The config with names of databases replaced by URLs; likewise the embedder of vectors."""

    def change(value: Any) -> Any:
        if isinstance(value, SqlOptions) and value.database is not None:
            database = config.databases[value.database]
            return value.at(database, embedded_path(config, value.database))
        if isinstance(value, StoredOptions) and isinstance(value.embedder, str):
            return value.model_copy(update={"embedder": config.embedders[value.embedder]})
        return value

    resolved: Config = rebuilt(config, change)
    return resolved


def synthetic_questions(config: Config) -> list[Path]:
    """The files of questions that the run synthesises."""
    return [config.results / "synthesis" / name / "questions.jsonl" for name in config.synthesize]


def resolved_scorer(config: Config, dataset: str) -> ScorerOptions:
    """A dataset's scorer (default: its task's) with its language and embedder."""
    options = config.datasets[dataset].scorer
    options = options or default_scorer(config.datasets[dataset].task.kind)
    options = options.in_language(configured_language(config, dataset))
    embedder = options.embedder_name()
    return options.with_embedder(config.embedders[embedder]) if embedder else options


def configured_language(config: Config, dataset: str) -> str:
    """The language code of a dataset or its corpus; `auto` if the config has none."""
    options = config.datasets[dataset]
    if options.language == AUTO and options.corpus is not None:
        return config.corpora[options.corpus].language
    return options.language


def reads_chunks(config: Config, dataset: str) -> bool:
    """Whether the scorer has an embedder, which may be fitted on the corpus."""
    embeds = getattr(resolved_scorer(config, dataset), "embedder", None) is not None
    return embeds and config.datasets[dataset].corpus is not None


def resolved_judge(config: Config, name: str) -> JudgeEntry:
    """A judge with its model and embedder. The names must be known."""
    judge = config.judges[name]
    if isinstance(judge.model, str):
        judge = judge.with_model(config.models[judge.model])
    if isinstance(judge, RagasOptions) and isinstance(judge.embedder, str):
        judge = judge.with_embedder(config.embedders[judge.embedder])
    return judge


def judges_of(config: Config, dataset: str) -> list[str]:
    """The enabled judges of a dataset, in the order of the config."""
    return [
        name
        for name, judge in config.judges.items()
        if judge.enabled and (judge.datasets is None or dataset in judge.datasets)
    ]


logger = logging.getLogger(__name__)

#: passes inferred tasks to child processes
_INFERRED = "MODELLAB_INFERRED_TASKS"
_SQLITE = "sqlite:///"


def with_paths(config: Config, folders: Sequence[Path]) -> Config:
    """The config with paths that do not exist in the working folder looked up in `folders`.

    `~` is the home folder. The folder of results is always relative to the working folder.
    """
    elsewhere = [folder for folder in folders if folder.resolve() != Path.cwd()]

    def change(value: Any) -> Any:
        if isinstance(value, Path):
            return Path(_find(str(value.expanduser()), elsewhere))
        if isinstance(value, WeightsOptions):  # the folder or file of weights
            found = _find(value.model, elsewhere)
            return value if found == value.model else value.model_copy(update={"model": found})
        if isinstance(value, SqlOptions | DatabaseOptions) and value.url and value.files():
            (file,) = value.files()
            url = value.url.replace(_SQLITE + file, _SQLITE + _find(file, elsewhere), 1)
            return value if url == value.url else value.model_copy(update={"url": url})
        return value

    changed: Config = rebuilt(config, change)
    return changed.model_copy(update={"results": config.results.expanduser()})


def _find(path: str, folders: Sequence[Path]) -> str:
    """The path, or its relative path in the first of the folders where it exists."""
    if not path or Path(path).expanduser().is_absolute() or Path(path).exists():
        return path
    found = (folder / path for folder in folders)
    return next((os.path.relpath(one) for one in found if one.exists()), path)


def with_local_copies(config: Config) -> Config:
    """The config with data sets of the hub replaced by local copies. Raises ConfigError."""
    corpora, datasets = dict(config.corpora), dict(config.datasets)
    for name, corpus in corpora.items():
        if corpus.path is not None and is_hub_address(corpus.path):
            path = _fetched(("corpora", name, "path"), corpus.path)
            corpora[name] = corpus.model_copy(update={"path": path})
    for name, dataset in datasets.items():
        if dataset.questions is not None and is_hub_address(dataset.questions):
            path = _fetched(("datasets", name, "questions"), dataset.questions)
            datasets[name] = dataset.model_copy(update={"questions": path})
    return config.model_copy(update={"corpora": corpora, "datasets": datasets})


def _fetched(location: Location, path: Path) -> Path:
    try:
        return local_copy(path)
    except InputError as error:
        raise ConfigError(Problem(location, str(error))) from None


def with_tasks(config: Config) -> Config:
    """The config with inferred tasks for datasets without one.

    Raises ConfigError for questions that cannot be read, and if their task is ambiguous.
    """
    datasets = {}
    for name, dataset in config.datasets.items():
        if dataset.task_is_inferred:
            try:
                task = _inferred(config, dataset)
            except InputError as error:
                key = "sql" if dataset.questions is None else "questions"
                raise ConfigError(Problem(("datasets", name, key), str(error))) from None
            dataset = dataset.with_inferred(task)
        datasets[name] = dataset
    return config.model_copy(update={"datasets": datasets})


def _inferred(config: Config, dataset: DatasetOptions) -> TaskOptions:
    path, question_format = dataset.questions, dataset.question_format
    # questions of a database or a synthesis are only read by their job
    if path is None or path in synthetic_questions(config) or not (path.is_file() or path.is_dir()):
        return parse_task("open_qa")
    if path.is_dir() and not question_format.reads_folder(path):
        return parse_task("open_qa")  # the checks report this path
    # processes of jobs load the config too, but need not read the questions again
    stat = path.stat()
    key = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns} {question_format.model_dump_json()}"
    known = json.loads(os.environ.get(_INFERRED, "{}"))
    if key in known:
        return parse_task(known[key])
    task = fitting_task(path, question_format.read_file(path))
    if path.is_file() and not question_format.beside(path):
        os.environ[_INFERRED] = json.dumps({**known, key: task.model_dump(mode="json")})
    return task


def with_retrieval_only(config: Config) -> Config:
    """The config with a model for each retriever of datasets that only compare retrievers.

    These are datasets with `task: retrieval`, or all datasets of a config without models. The
    model has the name of the retriever, and its answers are the retrieved passages.

    Raises ConfigError for a dataset without a corpus, and for a retriever with a model's name.
    """
    found = config if config.models else _without_models(config)
    wanted: dict[str, list[str]] = {}
    for name, dataset in found.datasets.items():
        if dataset.task.asks_models:
            continue
        if dataset.corpus is None:
            message = "the task 'retrieval' compares retrievers; name the corpus that they search"
            raise ConfigError(Problem(("datasets", name), message))
        for retriever in dataset.retrievers or tuple(found.retrievers):
            wanted.setdefault(retriever, []).append(name)
    models = dict(found.models)
    for retriever, datasets in wanted.items():
        if not isinstance(models.get(retriever), PassagesOptions | None):
            message = "a model has this name too; give the retriever another one"
            raise ConfigError(Problem(("retrievers", retriever), message))
        models[retriever] = PassagesOptions(
            provider="passages", datasets=tuple(datasets), retrievers=(retriever,)
        )
    return found.model_copy(update={"models": models})


def _without_models(config: Config) -> Config:
    task, datasets = RetrievalOptions(kind="retrieval"), {}
    for name, dataset in config.datasets.items():
        if dataset.corpus is None:
            message = f"dataset {name!r} has no corpus to search; name a model that answers it"
            raise ConfigError(Problem(("models",), message))
        if dataset.task.asks_models:
            dataset = dataset.model_copy(update={"task": task, "scorer": None})
        datasets[name] = dataset
    logger.info("no models: only retrievers are compared")
    return config.model_copy(update={"datasets": datasets})
