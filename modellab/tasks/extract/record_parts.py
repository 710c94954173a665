"""The parts of a JSON record: values with their paths, items of lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

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
