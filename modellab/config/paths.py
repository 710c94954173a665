"""Paths of a config: relative to the folder that a run starts in, else to the config's own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from modellab.config.problem import ConfigError, Problem
from modellab.config.schema import Config
from modellab.config.source import Location
from modellab.core.errors import InputError
from modellab.core.io.hub import is_hub_address, local_copy
from modellab.core.io.sql.options import DatabaseOptions, SqlOptions
from modellab.models.chat import WeightsOptions

_SQLITE = "sqlite:///"


def found_beside(config: Config, folders: Sequence[Path]) -> Config:
    """The config with each path that is not in the working folder, but in one of `folders`.

    Args:
        config: A config that fits the schema; its folder of results is always meant as it stands.
        folders: The folders of the config files, the one that counts most first.
    """
    elsewhere = [one for one in folders if one.resolve() != Path.cwd()]
    if not elsewhere:
        return config
    parts = {name: _moved(getattr(config, name), elsewhere) for name in Config.model_fields}
    return config.model_copy(update={**parts, "results": config.results})


def with_local_copies(config: Config) -> Config:
    """The config with folders of the hub's cache for data sets that are addressed on the hub.

    Raises ConfigError where one cannot be fetched.
    """
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


def _moved(value: Any, folders: Sequence[Path]) -> Any:
    if isinstance(value, Path):
        return Path(_found(str(value), folders))
    if isinstance(value, BaseModel):
        parts = {name: getattr(value, name) for name in type(value).model_fields}
        moved = {name: _moved(part, folders) for name, part in parts.items()}
        moved |= _texts(value, folders)
        return value.model_copy(update={n: one for n, one in moved.items() if one != parts[n]})
    if isinstance(value, Mapping):
        return {name: _moved(part, folders) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_moved(part, folders) for part in value)
    return value


def _texts(options: BaseModel, folders: Sequence[Path]) -> dict[str, str]:
    """Keys that are text, and may be a path: a folder with weights, the file of a database."""
    if isinstance(options, WeightsOptions):
        return {"model": _found(options.model, folders)}
    if isinstance(options, SqlOptions | DatabaseOptions) and options.files():
        (file,) = options.files()
        assert options.url is not None
        return {"url": options.url.replace(_SQLITE + file, _SQLITE + _found(file, folders), 1)}
    return {}


def _found(path: str, folders: Sequence[Path]) -> str:
    """`path`, or how it is reached from here where it exists in one of the folders alone."""
    if not path or Path(path).expanduser().is_absolute() or Path(path).exists():
        return path
    there = (folder / path for folder in folders)
    return next((os.path.relpath(one) for one in there if one.exists()), path)
