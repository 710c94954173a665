"""JSON records: their values, and the JSON schema that they must fit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_utf8

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


#: a value of a field, apart from null
Scalar = str | int | float | bool
#: the path of a record that is itself a list
ROOT = "."


def values_of(node: Any) -> tuple[Any, ...]:
    """A field's values: the items of a list (nested lists are flattened), or one value.

    Null and empty text are no values.
    """
    if isinstance(node, list):
        return tuple(value for item in node for value in values_of(item))
    if node is None or (isinstance(node, str) and not node.strip()):
        return ()
    return (node,)


def joined(path: str, key: str) -> str:
    """The path of a key: `tests.value`, without the positions in lists."""
    return f"{path}.{key}" if path not in ("", ROOT) else key


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Scalar]]:
    """All values of a record with their paths, in the order of the record."""
    for value in values_of(node):
        if isinstance(value, dict):
            for key, below in value.items():
                yield from leaves(below, joined(path, key))
        else:
            yield path, cast(Scalar, value)


def count_items(node: Any) -> int:
    """The number of objects in the lists of a record, nested lists included."""
    if isinstance(node, dict):
        return sum(map(count_items, node.values()))
    if isinstance(node, list):
        return sum(isinstance(item, dict) + count_items(item) for item in node)
    return 0


def depth(node: Any) -> int:
    """The nesting depth of lists and objects."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, dict | list):
            deepest = max(deepest, level)
            below = value.values() if isinstance(value, dict) else value
            waiting.extend((item, level + 1) for item in below)
    return deepest


class RecordSchema:
    """A checked schema; `schema` is plain JSON."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    @cached_property
    def _validator(self) -> Validator:
        from jsonschema.validators import validator_for
        from referencing import Registry

        kind = validator_for(self.schema)
        # an empty registry: a schema never fetches another one from the network
        return kind(self.schema, registry=Registry())

    def problem(self, record: Any) -> str | None:
        """The first violation in a record with its place; None if it is valid."""
        error = next(self._validator.iter_errors(record), None)
        if error is None:
            return None
        place = ".".join(map(str, error.absolute_path))
        return f"{place}: {_short(error.message)}" if place else _short(error.message)

    def wrong_types(self, record: Any) -> list[str]:
        """The paths (`tests.value`) of all values whose JSON type the schema does not allow."""
        found = [p for error in self._validator.iter_errors(record) for p in _type_errors(error)]
        return [
            ".".join(part for part in place if isinstance(part, str))
            for place in dict.fromkeys(found)
        ]


def read_schema(path: Path) -> RecordSchema:
    """Read and check a JSON schema. Raises InputError (file, place) for an invalid one.

    References must be to the file itself.
    """
    try:
        schema = json.loads(read_utf8(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from None
    check_schema(schema, str(path))
    return RecordSchema(schema)


def check_schema(schema: Any, where: str) -> None:
    """Raise InputError (one line that begins with `where`) unless it is a JSON object schema."""
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    if not isinstance(schema, dict) or not schema:
        raise InputError(f"{where}: not a JSON schema; write an object with `type`, `properties`")
    if not isinstance(schema.get("$schema", ""), str):
        raise InputError(f"{where}: not a JSON schema: $schema: write the dialect's address")
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path)) or "the schema"
        raise InputError(f"{where}: not a JSON schema: {place}: {_short(error.message)}") from None
    for place, reference in _references(schema):
        if not _leads_somewhere(schema, reference):
            raise InputError(
                f"{where}: not a JSON schema: {place}: {reference!r} leads to nothing in this file"
            )


def _references(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every `$ref` with its place."""
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{place}.{key}" if place else key
            if key == "$ref" and isinstance(value, str):
                yield here, value
            yield from _references(value, here)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, f"{place}.{index}")


def _leads_somewhere(schema: Mapping[str, Any], reference: str) -> bool:
    from referencing import Registry, Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resource = Resource.from_contents(schema, default_specification=DRAFT202012)
    try:
        Registry().with_resource("", resource).resolver().lookup(reference)
    except Unresolvable:
        return False
    return True


def _type_errors(error: ValidationError) -> Iterator[tuple[str | int, ...]]:
    """The places of values of a wrong type; of alternatives, those of the value's type count."""
    if error.validator == "type":
        yield tuple(error.absolute_path)
    elif error.validator in ("anyOf", "oneOf") and error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for below in error.context:
            branches.setdefault(below.schema_path[0], []).append(below)
        # without alternatives that fail by the type of the whole value, not of a part
        fitting = [
            branch
            for branch in branches.values()
            if not any(one.validator == "type" and not one.relative_path for one in branch)
        ]
        if not fitting:
            yield tuple(error.absolute_path)
        for below in fitting[0] if fitting else ():
            yield from _type_errors(below)


def _short(message: str, longest: int = 200) -> str:
    line = " ".join(message.split())
    return line if len(line) <= longest else line[:longest] + " ..."
