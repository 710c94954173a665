"""Problems of a config, also from validation errors of pydantic."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from modellab.core.errors import InputError
from modellab.core.io.yaml_file import Location
from modellab.core.options import UNKNOWN_KEY, unknown_key

#: longer values are not repeated in a message
_SHOWN = 60
#: keys of further problems in a message
_MOST_KEYS = 5
_MAP = "should be a map of keys (`key: value`)"
_WORDS = {
    "dict_type": _MAP,
    "mapping_type": _MAP,
    "model_type": _MAP,
    "model_attributes_type": _MAP,
    "tuple_type": "should be a list, such as [a, b]",
    "list_type": "should be a list, such as [a, b]",
    "path_type": "should be a path",
    "string_type": "should be text (in quotes, if it looks like a number)",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "too_short": "should not be empty",
    "invalid_key": "this key is not text: put it in quotes",
}


class Problem(NamedTuple):
    """A key of the config, and a sentence about what is wrong with it."""

    location: Location
    message: str

    @property
    def key(self) -> str:
        return ".".join(self.location).replace("\n", "\\n")

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


class ConfigError(InputError):
    """A problem of the config."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def in_one(errors: Sequence[Any], data: Mapping[str, Any]) -> Problem:
    """The most useful error, and the keys of others: a misspelt key is also a missing one."""
    # where a name or an entry is allowed, the entry's errors are the useful ones
    found = [error for error in errors if error["loc"][-1] != "str"] or list(errors)
    found.sort(key=lambda error: error["type"] != UNKNOWN_KEY)
    first, *others = (_problem(error, data) for error in found)
    keys = list(dict.fromkeys(one.key for one in others if one.key != first.key))
    if not keys:
        return first
    listed = ", ".join(keys[:_MOST_KEYS]) + " ..." * (len(keys) > _MOST_KEYS)
    return first._replace(message=f"{first.message} (also wrong: {listed})")


def _problem(error: Any, data: Mapping[str, Any]) -> Problem:
    raw = tuple(str(part) for part in error["loc"])
    kind = error["type"]
    location = _path_in(data, raw if kind != "value_error" else (*raw, ""))
    if kind == "missing":
        return Problem(location, "this key is missing")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_kind(location, error["ctx"], kind)
    if raw[-1] == "[key]" and kind == "literal_error":
        fields = re.findall(r"'(\w+)'", error["ctx"]["expected"])
        return Problem(location[:-1], unknown_key(error["input"], fields))
    if raw[-1] == "[key]":
        return Problem(location[:-1], _bad_name(error["input"]))
    if kind == "value_error":
        return Problem(location[:-1], str(error["ctx"]["error"]))
    text = "empty" if error["input"] is None else repr(error["input"])
    shown = len(text) <= _SHOWN and kind not in ("invalid_key", UNKNOWN_KEY)
    return Problem(location, _WORDS.get(kind, error["msg"]) + (f", not {text}" if shown else ""))


def _bad_name(name: Any) -> str:
    if not isinstance(name, str):
        return f"the name {name!r} is not text: put it in quotes"
    return (
        f"{name!r} cannot be a name: use at most 80 lowercase letters, digits, '.', '_' and '-' "
        "(a model's id goes into its own key)"
    )


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


def require_file(location: Location, path: Path) -> Iterator[Problem]:
    """A problem where there is no such file."""
    yield from require_path(location, path)
    if path.is_dir():
        yield Problem(location, f"{path}: a folder, not a file")


def require_path(location: Location, path: Path) -> Iterator[Problem]:
    """A problem where there is neither a file nor a folder."""
    if not path.exists():
        where = "" if path.is_absolute() else f" in {Path.cwd()} or beside the config file"
        if len(path.parts) == 2 and not path.suffix and location[-1] in ("questions", "path"):
            where += f"; a data set of the hub is hf://datasets/{path}"
        if "$" in str(path):
            where += "; a path is taken as it is, without values of environment variables"
        yield Problem(location, f"{path}: no such file or folder{where}")
    elif not (path.is_file() or path.is_dir()):
        yield Problem(location, f"{path}: neither a file nor a folder, but a device or a pipe")
