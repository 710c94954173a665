"""Entries of the config with the names in them resolved: databases, embedders, scorers, judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from modellab.config.schema import Config
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.yaml_file import Location
from modellab.core.text.languages import AUTO
from modellab.judging import JudgeEntry
from modellab.judging.ragas.options import RagasOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.tasks import default_scorer
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
    """All entries of one kind in options, with their places; `enabled` skips disabled ones."""
    if enabled and getattr(options, "enabled", True) is False:
        return
    if isinstance(options, kind):
        yield location, options
    for name, value in parts(options):
        yield from entries_of(kind, value, (*location, name), enabled)


def rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with `change` applied to it and to all its parts; keys that were not set stay so."""
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
    """All queries of databases in options, with their places."""
    return entries_of(SqlOptions, options)


def databases_of(options: object) -> list[str]:
    """The names of the databases that options read."""
    return sorted({found.database for _, found in sql_of(options) if found.database})


def embedded_path(config: Config, name: str) -> Path:
    """The SQLite file of a dump that is restored without a server."""
    return config.results / "databases" / f"{name}.db"


def with_urls(config: Config) -> Config:
    """The config with URLs in place of the names of databases, which must be known.

    Likewise with the embedder that made stored vectors.
    """

    def change(value: Any) -> Any:
        if isinstance(value, SqlOptions) and value.database is not None:
            database = config.databases[value.database]
            return value.at(database, embedded_path(config, value.database))
        if isinstance(value, StoredOptions) and isinstance(value.embedder, str):
            return value.model_copy(update={"embedder": config.embedders[value.embedder]})
        return value

    resolved: Config = rebuilt(config, change)
    return resolved


def made_questions(config: Config) -> list[Path]:
    """The files of questions that the run itself makes."""
    return [config.results / "synthesis" / name / "questions.jsonl" for name in config.synthesize]


def resolved_scorer(config: Config, dataset: str) -> ScorerOptions:
    """A dataset's scorer (default: its task's) with its language and its embedder filled in."""
    options = config.datasets[dataset].scorer
    options = options or default_scorer(config.datasets[dataset].task.kind)
    options = options.in_language(configured_language(config, dataset))
    embedder = options.embedder_name()
    return options.with_embedder(config.embedders[embedder]) if embedder else options


def configured_language(config: Config, dataset: str) -> str:
    """The language code of a dataset or its corpus; `auto` where the config names none."""
    options = config.datasets[dataset]
    if options.language == AUTO and options.corpus is not None:
        return config.corpora[options.corpus].language
    return options.language


def reads_chunks(config: Config, dataset: str) -> bool:
    """Whether the scorer reads the corpus: one with an embedder, which may learn from it."""
    embeds = getattr(resolved_scorer(config, dataset), "embedder", None) is not None
    return embeds and config.datasets[dataset].corpus is not None


def resolved_judge(config: Config, name: str) -> JudgeEntry:
    """A judge with its model and its embedder filled in. The names must be known."""
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
