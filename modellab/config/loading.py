"""From config files and overrides to a checked Config, or one line that says what is wrong."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.config.checks import Problem, first_problem
from modellab.config.expansion import expand_models, slug
from modellab.config.schema import Config
from modellab.config.source import Location, Source, read_source
from modellab.errors import InputError


def load_config(files: Sequence[Path], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read config files (later ones go before earlier ones) and command-line overrides.

    Overrides with a `provider` describe one model, which takes the place of all others. Raises
    InputError: one line with file, line, key, and what would be right.
    """
    sources = [read_source(path) for path in files]
    own, quick = _quick_model(overrides or {})
    written: dict[str, Any] = {}
    for layer in [*(source.data for source in sources), own]:
        written = _merged(written, layer)
    if quick:
        written["models"] = quick
        sources = [source.without("models") for source in sources]
    data, origins = expand_models(written, os.environ)
    return _checked(data, sources, origins)


def _checked(
    data: Mapping[str, Any], sources: Sequence[Source], origins: Mapping[str, Location]
) -> Config:
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        # a misspelt key is also a missing one: the misspelling says more
        problems = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        problem = _as_written(_problem(problems[0], data), origins)
        raise InputError(_located(sources, problem, len(problems))) from None
    found = first_problem(config)
    if found:
        raise InputError(_located(sources, _as_written(found, origins), 1))
    return config


def _quick_model(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split overrides into keys of the config, and the one model that the others describe."""
    if "provider" not in overrides:
        return dict(overrides), None
    own = {key: value for key, value in overrides.items() if key in Config.model_fields}
    entry = {key: value for key, value in overrides.items() if key not in Config.model_fields}
    name = slug(str(entry.get("model", entry["provider"])).rsplit("/", 1)[-1])
    return own, {name: entry}


def json_schema() -> dict[str, Any]:
    """The JSON schema of the config, for editors."""
    schema = Config.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _as_written(problem: Problem, origins: Mapping[str, Location]) -> Problem:
    """A problem of an expanded model, at the key that the user wrote."""
    section, *rest = problem.location
    if section != "models" or not rest or rest[0] not in origins:
        return problem
    return problem._replace(location=(*origins[rest[0]], *rest[1:]))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _located(sources: Sequence[Source], problem: Problem, count: int) -> str:
    """`file:line: key: message`; a key that no file has came from the command line."""
    where = _where(sources, problem.location)
    more = f" (and {count - 1} more problems)" if count > 1 else ""
    return f"{where}: {'.'.join(problem.location)}: {problem.message}{more}"


def _where(sources: Sequence[Source], location: Location) -> str:
    for length in range(len(location), 0, -1):
        for source in reversed(sources):
            line = source.lines.get(location[:length])
            if line:
                return f"{source.path}:{line}"
    return "--config"


def _problem(error: Any, data: Mapping[str, Any]) -> Problem:
    """A pydantic error in the words of a config file."""
    raw = tuple(str(part) for part in error["loc"])
    location = _path_in(data, raw)
    kind = error["type"]
    if kind == "extra_forbidden":
        return Problem(location, _unknown_key(location[-1], _known_keys(raw[:-1])))
    if kind == "missing":
        return Problem(location, "this key is missing")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_kind(location, error["ctx"], kind)
    if raw[-1] == "[key]":
        return Problem(
            location[:-1],
            f"{raw[-2]!r} cannot be a name: use lowercase letters, digits, '.', '_' and '-' "
            "(a model's id goes into its own key)",
        )
    return Problem(location, f"{error['msg']}, not {error['input']!r}")


def _unknown_key(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key{hint} (known: {', '.join(known)})"


def _wrong_kind(location: Location, ctx: Mapping[str, Any], kind: str) -> Problem:
    key = str(ctx["discriminator"]).strip("'")
    if kind == "union_tag_not_found":
        return Problem(location, f"the key {key!r} is missing")
    return Problem(
        (*location, key), f"unknown {key} {ctx['tag']!r}; choose from {ctx['expected_tags']}"
    )


def _path_in(data: Any, raw: Location) -> Location:
    """pydantic's location without the union tags that it puts between keys."""
    path: list[str] = []
    for index, part in enumerate(raw):
        if isinstance(data, Mapping):
            names = {str(key): value for key, value in data.items()}
            if part not in names and index < len(raw) - 1 and raw[index + 1] != "[key]":
                continue
            data = names.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        path.append(part)
    return tuple(path)


def _known_keys(raw: Location) -> list[str]:
    """The keys that may stand at a location, read from the JSON schema."""
    schema = Config.model_json_schema()
    node: Mapping[str, Any] = schema
    for part in raw:
        node = _resolved(schema, _child(node, part))
    return sorted(node.get("properties", {}))


def _child(node: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    if "discriminator" in node:
        return {"$ref": node["discriminator"]["mapping"][part]}
    if part in node.get("properties", {}):
        return dict(node["properties"][part])
    values = node.get("additionalProperties") or node.get("patternProperties") or {}
    return dict(next(iter(values.values()))) if "patternProperties" in node else dict(values)


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node
