"""Entries that stand for several models or judges: `variants` and `models_from_env`.

An entry with `variants` becomes one model per variant, named `entry-variant`, whose keys override
the entry's. An entry with `models_from_env: NAME` becomes one model per id in that variable's
comma-separated list, named `entry-id`. Entries of `judges:` likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.yaml_file import Location

#: the sections of the config whose entries may stand for several
SECTIONS = ("models", "judges")


def expand_models(
    data: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, Location]]:
    """The config with every model and judge expanded, and the original place of each of them.

    Raises InputError for a duplicate name and for an empty list.
    """
    expanded = dict(data)
    origins: dict[Location, Location] = {}
    for section in SECTIONS:
        entries = data.get(section)
        if not isinstance(entries, Mapping):
            continue
        expanded[section] = {}
        for name, entry in entries.items():
            for new, place, value in _variants((section, str(name)), entry, environment):
                if new in expanded[section]:
                    what = section.removesuffix("s")
                    message = f"a second {what} would be named {new!r}"
                    raise InputError(f"{'.'.join(place)}: {message}")
                expanded[section][new], origins[section, new] = value, place
    return expanded, origins


def _variants(
    place: Location, entry: Any, environment: Mapping[str, str]
) -> Iterator[tuple[str, Location, Any]]:
    for listed, value in _listed(place, entry, environment):
        variants = value.get("variants") if isinstance(value, Mapping) else None
        if not isinstance(variants, Mapping):
            yield listed, place, value
            continue
        shared = {key: item for key, item in value.items() if key != "variants"}
        for variant, changes in variants.items():
            below = (*place, "variants", str(variant))
            if not (changes is None or isinstance(changes, Mapping)):
                raise InputError(f"{'.'.join(below)}: should be a map of keys, not {changes!r}")
            yield f"{listed}-{variant}", below, {**shared, **(changes or {})}


def _listed(
    place: Location, entry: Any, environment: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    name = place[-1]
    if not isinstance(entry, Mapping) or entry.get("models_from_env") is None:
        yield name, entry
        return
    variable = str(entry["models_from_env"])
    ids = [part.strip() for part in environment.get(variable, "").split(",") if part.strip()]
    if not ids and entry.get("enabled", True):
        raise InputError(
            f"{'.'.join(place)}.models_from_env: the variable {variable} is not set or empty; "
            "it should hold model ids with commas between them"
        )
    shared = {key: item for key, item in entry.items() if key != "models_from_env"}
    for model in ids:
        yield f"{name}-{slug(model)}", {**shared, "model": _with_id(entry.get("model"), model)}


def _with_id(written: Any, model: str) -> Any:
    """The id in place of `{}` (`mistral/{}` makes ids for LiteLLM); a judge's model is a map."""
    if isinstance(written, Mapping):
        return {**written, "model": _with_id(written.get("model"), model)}
    return written.replace("{}", model) if isinstance(written, str) and "{}" in written else model


def slug(model: str) -> str:
    """A model id as part of a name: `mistral/Large:2` becomes `mistral-large-2`."""
    return re.sub(r"[^a-z0-9._-]+", "-", model.lower()).strip("-._")
