"""Entries that stand for several models: `variants`, and lists from the environment.

An entry with `variants` becomes one model per variant, named `entry-variant`, with the variant's
keys in the place of its own. An entry with `models_from_env: NAME` becomes one model per id in
that variable's comma list, named `entry-id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modellab.config.source import Location
from modellab.errors import InputError

Entry = Mapping[str, Any]


def expand_models(
    data: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Location]]:
    """The config with every model written out, and where each new model was written.

    Raises InputError for a name that comes up twice and for an empty list.
    """
    models = data.get("models")
    if not isinstance(models, Mapping):
        return dict(data), {}
    expanded: dict[str, Any] = {}
    origins: dict[str, Location] = {}
    for name, entry in models.items():
        for new, place, value in _variants(str(name), entry, environment):
            if new in expanded:
                raise InputError(f"{'.'.join(place)}: a second model would be named {new!r}")
            expanded[new], origins[new] = value, place
    return {**data, "models": expanded}, origins


def _variants(
    name: str, entry: Any, environment: Mapping[str, str]
) -> Iterator[tuple[str, Location, Any]]:
    for listed, value in _listed(name, entry, environment):
        variants = value.get("variants") if isinstance(value, Mapping) else None
        if not isinstance(variants, Mapping):
            yield listed, ("models", name), value
            continue
        shared = {key: item for key, item in value.items() if key != "variants"}
        for variant, changes in variants.items():
            place = ("models", name, "variants", str(variant))
            yield f"{listed}-{variant}", place, {**shared, **(changes or {})}


def _listed(name: str, entry: Any, environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if not isinstance(entry, Mapping) or "models_from_env" not in entry:
        yield name, entry
        return
    variable = str(entry["models_from_env"])
    ids = [part.strip() for part in environment.get(variable, "").split(",") if part.strip()]
    if not ids and entry.get("enabled", True):
        raise InputError(
            f"models.{name}.models_from_env: the variable {variable} is not set or empty; "
            "it should hold model ids with commas between them"
        )
    shared = {key: item for key, item in entry.items() if key != "models_from_env"}
    for model in ids:
        yield f"{name}-{slug(model)}", {**shared, "model": model}


def slug(model: str) -> str:
    """A model id as part of a name: `mistral/Large:2` becomes `mistral-large-2`."""
    return re.sub(r"[^a-z0-9._-]+", "-", model.lower()).strip("-._")
