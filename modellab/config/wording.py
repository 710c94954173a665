"""Validation errors in the words of a config file: which key, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from modellab.config.problem import Problem
from modellab.config.schema import Config
from modellab.config.source import Location

#: longer values are not repeated in a message
_SHOWN = 60
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


def first_of(errors: Sequence[Any], data: Mapping[str, Any]) -> Problem:
    """The error that says most: a misspelt key is also a missing one, and goes first."""
    # of a value that may be a name or an entry, the entry's errors say more
    telling = [error for error in errors if error["loc"][-1] != "str"] or list(errors)
    telling.sort(key=lambda error: error["type"] != "extra_forbidden")
    return _problem(telling[0], data)


def _problem(error: Any, data: Mapping[str, Any]) -> Problem:
    raw = tuple(str(part) for part in error["loc"])
    kind = error["type"]
    location = _path_in(data, raw if kind != "value_error" else (*raw, ""))
    if kind == "extra_forbidden":
        return Problem(location, _unknown_key(location[-1], _known_keys(raw[:-1])))
    if kind == "missing":
        return Problem(location, "this key is missing")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_kind(location, error["ctx"], kind)
    if raw[-1] == "[key]":
        return Problem(location[:-1], _bad_name(error["input"]))
    if kind == "value_error":
        return Problem(location[:-1], str(error["ctx"]["error"]))
    told = "" if kind == "invalid_key" else _instead(error["input"])
    return Problem(location, _WORDS.get(kind, error["msg"]) + told)


def _instead(value: Any) -> str:
    text = "empty" if value is None else repr(value)
    return f", not {text}" if len(text) <= _SHOWN else ""


def _bad_name(name: Any) -> str:
    if not isinstance(name, str):
        return f"the name {name!r} is not text: put it in quotes"
    return (
        f"{name!r} cannot be a name: use at most 80 lowercase letters, digits, '.', '_' and '-' "
        "(a model's id goes into its own key)"
    )


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
    schema = _schema()
    node: Mapping[str, Any] = schema
    for part in raw:
        node = _resolved(schema, _child(node, part))
    return sorted(node.get("properties", {}))


@cache
def _schema() -> dict[str, Any]:
    return Config.model_json_schema()


def _child(node: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """The part of a schema that a key, or a member of a union, leads to."""
    if part.isdigit():
        lists = (node, *node.get("anyOf", ()))
        return next((dict(one["items"]) for one in lists if "items" in one), {})
    if part.startswith("tagged-union[") or "anyOf" in node:
        union = next(member for member in node["anyOf"] if "discriminator" in member)
        return union if part.startswith("tagged-union[") else _child(union, part)
    if "discriminator" in node:
        return {"$ref": node["discriminator"]["mapping"][part]}
    if part in node.get("properties", {}):
        return dict(node["properties"][part])
    values = node.get("additionalProperties") or node.get("patternProperties") or {}
    return dict(next(iter(values.values()))) if "patternProperties" in node else dict(values)


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without references, and without the null that may stand in the place of a map."""
    maps = [member for member in node.get("anyOf", ()) if "$ref" in member]
    if len(maps) == 1:
        node = maps[0]
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node
