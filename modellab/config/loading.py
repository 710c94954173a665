"""From config files and overrides to a checked Config, or one line that says what is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.config.checks import first_problem
from modellab.config.databases import with_urls
from modellab.config.expansion import expand_models, slug
from modellab.config.paths import found_beside, with_local_copies
from modellab.config.problem import ConfigError, Problem
from modellab.config.retrieval_only import with_retrieval_only
from modellab.config.schema import Config
from modellab.config.source import Location, Source, read_source
from modellab.config.tasks import with_tasks
from modellab.config.wording import first_of
from modellab.core.errors import InputError

#: keys of the config that are text, and that a name of digits would be right for
_PATHS = ("results",)


def load_config(
    files: str | Path | Sequence[str | Path], overrides: Mapping[str, Any] | None = None
) -> Config:
    """Read and check a config.

    Args:
        files: A config file, or several; keys of later files replace those of earlier ones.
        overrides: Keys given on the command line, which replace those of the files. With a
            `provider` they describe one model, which replaces all others.

    Raises:
        InputError: One line with file, line, key, and what would be right.
    """
    given = [files] if isinstance(files, (str, Path)) else files
    _refuse_misread(overrides or {})
    sources = [read_source(Path(path)) for path in given]
    own, quick = _quick_model(_typed(overrides or {}))
    written: dict[str, Any] = {}
    for layer in [*(source.data for source in sources), own]:
        written = _merged(written, layer)
    if quick:
        written["models"] = _renamed(quick, written.get("models"))
    # what the command line says is not the file's fault
    said = [key for key, value in own.items() if not isinstance(value, Mapping)]
    for key in said + (["models"] if quick else []):
        sources = [source.without(key) for source in sources]
    data, origins = expand_models(written, os.environ)
    try:
        return _checked(data, sources, origins)
    except _UnplacedError as unplaced:
        # not in any file: said on the command line, or missing
        overridden = not given or unplaced.key in own or (quick and unplaced.key == "models")
        where = "--config" if overridden else str(given[-1])
        raise InputError(f"{where}: {unplaced.message}") from None


def check_config(data: Mapping[str, Any], where: str = "config") -> Config:
    """Check a config that is a map already, such as that of a Snakemake module.

    Raises:
        InputError: One line with `where`, key, and what would be right.
    """
    expanded, origins = expand_models(dict(data), os.environ)
    try:
        return _checked(expanded, [], origins)
    except _UnplacedError as unplaced:
        raise InputError(f"{where}: {unplaced.message}") from None


class _UnplacedError(Exception):
    """A problem with a key that no file has."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key, self.message = key, message


def _refuse_misread(overrides: Mapping[str, Any]) -> None:
    """What the command line turns into something else than what was meant, or into nothing."""
    for key, value in overrides.items():
        if key in _PATHS and isinstance(value, int | float):
            raise InputError(
                f"--config {key}: read as the number {value}; quote it twice: "
                f"--config {key}='\"{value}\"'"
            )
        if value is None:
            raise InputError(
                f"--config {key}: has no value; name one, or {key}=null for the default"
            )


def _typed(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides with what YAML has words for: the command line gives them as text."""
    truth = {"true": True, "false": False, "null": None}
    return {k: truth.get(v, v) if isinstance(v, str) else v for k, v in overrides.items()}


def _checked(
    data: Mapping[str, Any], sources: Sequence[Source], origins: Mapping[Location, Location]
) -> Config:
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problem = _as_written(first_of(error.errors(), data), origins)
        raise InputError(_located(sources, problem, error.error_count())) from None
    config = found_beside(config, [source.path.parent for source in reversed(sources)])
    try:
        config = with_retrieval_only(with_tasks(with_local_copies(config)))
        found = first_problem(config)
    except ConfigError as error:
        found = error.problem
    if found:
        raise InputError(_located(sources, _as_written(found, origins), 1))
    return with_urls(config)


def _quick_model(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split overrides into keys of the config, and the one model that the others describe."""
    if "provider" not in overrides:
        return dict(overrides), None
    own = {key: value for key, value in overrides.items() if key in Config.model_fields}
    entry = {key: value for key, value in overrides.items() if key not in Config.model_fields}
    name = slug(str(entry.get("model", entry["provider"])).rsplit("/", 1)[-1])
    return own, {name: entry}


def _renamed(quick: Mapping[str, Any], entries: object) -> dict[str, Any]:
    """The one model under a name of its own: an entry of the config keeps its results."""
    taken = {str(name) for name in entries} if isinstance(entries, Mapping) else set()
    variants = entries.items() if isinstance(entries, Mapping) else ()
    for name, entry in variants:
        if isinstance(entry, Mapping) and isinstance(entry.get("variants"), Mapping):
            taken |= {f"{name}-{variant}" for variant in entry["variants"]}
    return {(f"{name}-quick" if name in taken else name): one for name, one in quick.items()}


def json_schema() -> dict[str, Any]:
    """The JSON schema of the config, for editors."""
    schema = Config.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _as_written(problem: Problem, origins: Mapping[Location, Location]) -> Problem:
    """A problem of an expanded entry, at the key that the user wrote."""
    entry, below = problem.location[:2], problem.location[2:]
    if entry not in origins:
        return problem
    return problem._replace(location=(*origins[entry], *below))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _located(sources: Sequence[Source], problem: Problem, count: int) -> str:
    """`file:line: key: message`. Raises _UnplacedError for a key that no file has."""
    more = f" (and {count - 1} more problems)" if count > 1 else ""
    message = f"{'.'.join(problem.location)}: {problem.message}{more}"
    for length in range(len(problem.location), 0, -1):
        for source in reversed(sources):
            line = source.lines.get(problem.location[:length])
            if line:
                return f"{source.path}:{line}: {message}"
    raise _UnplacedError(problem.location[0] if problem.location else "", message)
