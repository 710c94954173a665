"""Config files and overrides become a checked Config, or an error of one line."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from modellab.config.checks import first_problem
from modellab.config.entries import (
    with_local_copies,
    with_paths,
    with_retrieval_only,
    with_tasks,
    with_urls,
)
from modellab.config.problems import ConfigError, Problem, in_one
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.io.yaml_file import Location, YamlFile, read_config_file
from modellab.core.secrets import contains_key

#: the sections of the config whose entries may stand for several
SECTIONS = ("models", "judges")


def expand_models(
    data: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, Location]]:
    """The config with every model and judge expanded, and the original place of each of them.

    An entry with `variants` becomes one model per variant, named `entry-variant`, whose keys
    override the entry's; one with `models_from_env: NAME` a model per id in that variable's
    comma-separated list, named `entry-id`.

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


#: a longer path is cut in messages
_SHOWN = 60
_LIKE_A_KEY = (
    "holds what looks like a secret key; put it into the environment or .env, and name its "
    "variable by api_key_env"
)


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
    sources = [read_config_file(Path(path)) for path in given]
    # the command line passes the words of YAML as text
    words = {"true": True, "false": False, "null": None}
    typed = {k: words.get(v, v) if isinstance(v, str) else v for k, v in (overrides or {}).items()}
    own, quick = _quick_model(typed)
    written: dict[str, Any] = {}
    for layer in [*(source.data for source in sources), own]:
        written = _merged(written, layer)
    if quick:
        written["models"] = _renamed(quick, written.get("models"))
    # an error in an override is not reported at a line of the file
    overridden_keys = [key for key, value in own.items() if not isinstance(value, Mapping)]
    for key in overridden_keys + (["models"] if quick else []):
        sources = [source.without(key) for source in sources]
    data, origins = expand_models(written, os.environ)
    try:
        return _checked(data, [source.path.parent for source in reversed(sources)], origins)
    except ConfigError as error:
        key = next(iter(error.problem.location), "")
        overridden = not given or key in own or (quick and key == "models")
        place = _line(sources, error.problem.location)
        where = place or ("--config" if overridden else str(given[-1]))
        raise InputError(f"{where}: {error.problem}") from None


def check_config(data: Mapping[str, Any], where: str = "config") -> Config:
    """Check a config that is a map already, such as that of a Snakemake module.

    Raises:
        InputError: One line with `where`, key, and what would be right.
    """
    expanded, origins = expand_models(dict(data), os.environ)
    try:
        return _checked(expanded, [], origins)
    except ConfigError as error:
        raise InputError(f"{where}: {error.problem}") from None


def _refuse_misread(overrides: Mapping[str, Any]) -> None:
    """Values that the command line parses as something else than was meant, or as nothing."""
    for key, value in overrides.items():
        if key == "results" and isinstance(value, int | float):
            raise InputError(
                f"--config {key}: read as the number {value}; quote it twice: "
                f"--config {key}='\"{value}\"'"
            )
        if any(contains_key(text) for _, text in _texts(value)):
            raise InputError(f"--config {key}: {_LIKE_A_KEY}")
        if value is None:
            raise InputError(
                f"--config {key}: has no value; name one, or {key}=null for the default"
            )


def _checked(
    data: Mapping[str, Any], folders: Sequence[Path], origins: Mapping[Location, Location]
) -> Config:
    """Raises ConfigError at the key that was written, before variants were expanded."""
    try:
        for location, text in _texts(data):
            if contains_key(text):
                raise ConfigError(Problem(location, _LIKE_A_KEY))
        config = with_paths(Config.model_validate(data), folders)
        config = with_retrieval_only(with_tasks(with_local_copies(config)))
        found = first_problem(config)
    except ValidationError as error:
        found = in_one(error.errors(), data)
    except ConfigError as error:
        found = error.problem
    except OSError as error:
        # a path that the system refuses, such as one that is too long
        text = str(error.filename)
        paths = [(at, one.rstrip("/")) for at, one in _texts(data)]
        location = next((at for at, one in paths if one and one in text), ())
        found = Problem(location, f"{text[:_SHOWN]}...: {error.strerror}")
    if found is None:
        return with_urls(config)
    entry, below = found.location[:2], found.location[2:]
    raise ConfigError(found._replace(location=(*origins.get(entry, entry), *below)))


def _texts(data: Any, at: Location = ()) -> Iterator[tuple[Location, str]]:
    """All texts of plain data, with the keys above them."""
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, Mapping | list | tuple):
        inside = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, value in inside:
            yield from _texts(value, (*at, str(key)))


def _quick_model(overrides: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Split overrides into keys of the config, and the one model that the others describe."""
    if "provider" not in overrides:
        return dict(overrides), None
    own = {key: value for key, value in overrides.items() if key in Config.model_fields}
    entry = {key: value for key, value in overrides.items() if key not in Config.model_fields}
    name = slug(str(entry.get("model", entry["provider"])).rsplit("/", 1)[-1])
    return own, {name: entry}


def _renamed(quick: Mapping[str, Any], entries: object) -> dict[str, Any]:
    """The one model under a new name, so that entries of the config keep their results."""
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


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _line(sources: Sequence[YamlFile], location: Location) -> str:
    """`file:line` of the key, or of the nearest one above it; empty if no file has any."""
    for length in range(len(location), 0, -1):
        for source in reversed(sources):
            if line := source.lines.get(location[:length]):
                return f"{source.path}:{line}"
    return ""
