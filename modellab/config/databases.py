"""Databases by their names in the config: what reads of one, and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from modellab.config.schema import Config
from modellab.config.source import Location
from modellab.core.io.sql.options import SqlOptions
from modellab.models.embedders.stored import StoredOptions

Entry = TypeVar("Entry", bound=BaseModel)


def embedded_path(config: Config, name: str) -> Path:
    """Where a dump without a server goes: an SQLite file."""
    return config.results / "databases" / f"{name}.db"


def stamp_path(config: Config, name: str) -> Path:
    """What says that a database is filled, and with what."""
    return config.results / "databases" / f"{name}.json"


def sql_of(options: object) -> Iterator[tuple[Location, SqlOptions]]:
    """All that reads rows of a database in these options, and its place in the config."""
    return entries_of(SqlOptions, options)


def entries_of(
    kind: type[Entry], options: object, location: Location = ()
) -> Iterator[tuple[Location, Entry]]:
    """All entries of one kind in these options, and their places in the config."""
    if isinstance(options, kind):
        yield location, options
    for name, value in _parts(options):
        yield from entries_of(kind, value, (*location, name))


def databases_of(options: object) -> list[str]:
    """The names of the databases that these options read."""
    return sorted({found.database for _, found in sql_of(options) if found.database})


def with_urls(config: Config) -> Config:
    """The config with the URL of its database in each place that names one.

    Likewise with what made vectors that are stored. The names must be known.
    """
    resolved: Config = _resolved(config, config)
    return resolved


def _resolved(value: Any, config: Config) -> Any:
    if isinstance(value, SqlOptions):
        if value.database is None:
            return value
        embedded = embedded_path(config, value.database)
        return value.at(config.databases[value.database], embedded)
    if isinstance(value, StoredOptions) and isinstance(value.embedder, str):
        made_by = config.embedders[value.embedder]
        value = value.model_copy(update={"embedder": made_by})
    if isinstance(value, BaseModel):
        return _updated(value, config)
    if isinstance(value, dict):
        return {key: _resolved(one, config) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_resolved(one, config) for one in value)
    return value


def _updated(options: BaseModel, config: Config) -> BaseModel:
    """A copy only where something is changed: what was not set stays so."""
    before = dict(_parts(options))
    after = {name: _resolved(value, config) for name, value in before.items()}
    changed = {name: value for name, value in after.items() if value != before[name]}
    return options.model_copy(update=changed) if changed else options


def _parts(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        yield from ((str(key), one) for key, one in value.items())
    elif isinstance(value, tuple):
        yield from ((str(index), one) for index, one in enumerate(value))
