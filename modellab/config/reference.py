"""The config reference in Markdown, from the JSON schema of the classes that check the config."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from modellab.config.loading import json_schema
from modellab.core.text.escape import Markup, markdown_table

Schema = Mapping[str, Any]
_INTRO = """\
# Config reference

Made by `make schema` from the classes that check the config; do not edit it by hand.
A key that is not listed here is an error.
"""


def config_reference() -> str:
    """A table of the top-level keys, and one for each kind of entry below them."""
    schema = json_schema()
    lines = [_INTRO, *_table(schema, schema)]
    for key, value in schema["properties"].items():
        for title, entry in _entries(schema, key, value):
            constants = (one["const"] for one in entry["properties"].values() if "const" in one)
            kind = next(constants, None)
            lines += ["", f"## `{title}`" + (f": {kind}" if kind else ""), ""]
            if about := entry.get("description"):
                lines += [" ".join(about.split("\n\n")[0].split()), ""]
            lines += _table(schema, entry)
    return "\n".join(lines) + "\n"


def _table(schema: Schema, entry: Schema) -> Iterator[str]:
    rows = []
    for name, value in entry["properties"].items():
        default = ""
        if name in entry.get("required", ()):
            default = "*required*"
        elif "default" in value and not isinstance(value["default"], dict):
            default = f"`{json.dumps(value['default'])}`"
        about = _definition(schema, value)["description"] if "$ref" in value else ""
        about = about or value.get("description", "")
        rows.append(list(map(Markup, (f"`{name}`", _type(schema, value), default, about))))
    return iter(markdown_table(("key", "type", "default", "meaning"), rows))


def _type(schema: Schema, value: Schema) -> str:
    """A type in words."""
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
    """The classes of a map's values, and the classes of their keys, each with a title."""
    if "$ref" in value:
        entry = _definition(schema, value)
        yield key, entry
        for name, field in entry["properties"].items():
            for option in (field, *field.get("anyOf", ())):
                if "$ref" in option.get("items", {}):
                    yield f"{key}.{name}[]", _definition(schema, option["items"])
    inner: Schema = value.get("additionalProperties") or next(
        iter(value.get("patternProperties", {}).values()), {}
    )
    for part in inner.get("oneOf", [inner] if "$ref" in inner else []):
        entry = _definition(schema, part)
        yield key, entry
        for name, field in entry["properties"].items():
            # an entry in place of a name, such as a dataset's task
            options = field.get("anyOf", ()) if key == "datasets" else ()
            kinds = [one for option in options for one in option.get("oneOf", [option])]
            for kind in [field] if "$ref" in field else kinds:
                if "$ref" in kind:
                    yield f"{key}.*.{name}", _definition(schema, kind)


def _definition(schema: Schema, part: Schema) -> Schema:
    found: Schema = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return found
