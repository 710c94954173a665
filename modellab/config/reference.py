"""The config reference in Markdown, written from the same classes that check the config."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modellab.config.loading import json_schema
from modellab.core.text.markdown import Markup, markdown_table

Schema = Mapping[str, Any]
_INTRO = """\
# Config reference

Made by `make schema` from the classes that check the config; do not edit it by hand.
A key that is not listed here is an error.
"""


def config_reference() -> str:
    """A table of the top-level keys, and one for each kind of entry below them."""
    schema = json_schema()
    parts = [_INTRO, *_table(schema, schema)]
    for key, value in schema["properties"].items():
        for title, entry in _entries(schema, key, value):
            parts += ["", *_section(schema, title, entry)]
    return "\n".join(parts) + "\n"


def _section(schema: Schema, title: str, entry: Schema) -> Iterator[str]:
    kind = next(
        (value["const"] for value in entry["properties"].values() if "const" in value), None
    )
    yield f"## `{title}`" + (f": {kind}" if kind else "")
    yield ""
    if entry.get("description"):
        yield " ".join(entry["description"].split("\n\n")[0].split())
        yield ""
    yield from _table(schema, entry)


def _table(schema: Schema, entry: Schema) -> Iterator[str]:
    yield from markdown_table(("key", "type", "default", "what it says"), _rows(schema, entry))


def _rows(schema: Schema, entry: Schema) -> Iterator[list[str]]:
    for name, value in entry["properties"].items():
        default = _default(name, value, entry)
        about = _definition(schema, value)["description"] if "$ref" in value else ""
        about = about or value.get("description", "")
        yield list(map(Markup, (f"`{name}`", _type(schema, value), default, about)))


def _default(name: str, value: Schema, entry: Schema) -> str:
    if name in entry.get("required", ()):
        return "*required*"
    default = value.get("default")
    if isinstance(default, dict) or "default" not in value:
        return ""
    return f"`{json.dumps(default)}`"


def _type(schema: Schema, value: Schema) -> str:
    """A type in words; the parts of a union side by side."""
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{item}`" for item in value["enum"])
    if "oneOf" in value:
        return "an entry itself"
    if "anyOf" in value:
        return " or ".join(_type(schema, part) for part in value["anyOf"])
    if "$ref" in value:
        return "map, see below"
    if value.get("type") == "array":
        return f"list of {_type(schema, value.get('items', {}))}"
    if value.get("type") == "object":
        return "map by name"
    return str(value.get("format") or value.get("type", ""))


def _entries(schema: Schema, key: str, value: Schema) -> Iterator[tuple[str, Schema]]:
    """The classes that may stand as values of a map, and the maps inside them, with titles."""
    if "$ref" in value:
        entry = _definition(schema, value)
        yield key, entry
        for name, field in entry["properties"].items():
            yield from ((f"{key}.{name}[]", _definition(schema, item)) for item in _items(field))
    inner: Schema = value.get("additionalProperties") or next(
        iter(value.get("patternProperties", {}).values()), {}
    )
    for part in inner.get("oneOf", [inner] if "$ref" in inner else []):
        entry = _definition(schema, part)
        yield key, entry
        for name, field in entry["properties"].items():
            for kind in [field] if "$ref" in field else _kinds(key, field):
                yield f"{key}.*.{name}", _definition(schema, kind)


def _items(field: Schema) -> Iterator[Schema]:
    """The entries that a list holds."""
    for option in (field, *field.get("anyOf", ())):
        if "$ref" in option.get("items", {}):
            yield option["items"]


def _kinds(key: str, field: Schema) -> Iterator[Schema]:
    """The entries that may stand in a dataset's key in the place of a name."""
    for option in field.get("anyOf", ()) if key == "datasets" else ():
        yield from option.get("oneOf", [option] if "$ref" in option else ())


def _definition(schema: Schema, part: Schema) -> Schema:
    found: Schema = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return found
