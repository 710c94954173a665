"""What a record consists of: lists of named items, and single fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import Field

from modellab.options import Options
from modellab.scorers.extract.text import text_key
from modellab.scorers.extract.values import Scalar, ValueRules

#: the path of a record that is itself a list
ROOT = "."


class ItemRules(Options):
    """The keys of a list's items that have a meaning of their own."""

    name: str = Field(description="the key with the item's name: items are matched by it")
    value: str | None = Field(None, description="the key with the item's value")
    unit: str | None = Field(None, description="the key with the unit of that value")
    group: str | None = Field(
        None, description="the key with the item's group, such as a panel of laboratory tests"
    )


class RecordRules(ValueRules):
    """How a record is compared: `items` by the path of their list, such as `panels.tests`."""

    items: dict[str, ItemRules] = Field(
        default_factory=dict, description="lists of named items, by path (such as `menu.sub`)"
    )


def values_of(node: Any) -> tuple[Any, ...]:
    """A field's values: a list's items, or the one value that stands for a list of one.

    Null and empty text are no value; lists in lists are one list.
    """
    if isinstance(node, list):
        return tuple(value for item in node for value in values_of(item))
    if node is None or (isinstance(node, str) and not node.strip()):
        return ()
    return (node,)


def joined(path: str, key: str) -> str:
    """The path of a key: `tests.value`, without the positions in lists."""
    return f"{path}.{key}" if path not in ("", ROOT) else key


def field_text(item: Mapping[str, Any], key: str | None) -> str:
    """One key of an item as text; empty where it is no single value."""
    found = values_of(item.get(key)) if key else ()
    single = len(found) == 1 and not isinstance(found[0], dict)
    return str(found[0]).strip() if single else ""


def name_key(item: Mapping[str, Any], rules: ItemRules | None) -> str:
    """By what an item is matched; empty for items without a name."""
    return text_key(field_text(item, rules.name)) if rules else ""


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Scalar]]:
    """All values of a record with their paths, in the order of the record."""
    for value in values_of(node):
        if isinstance(value, dict):
            for key, below in value.items():
                yield from leaves(below, joined(path, key))
        else:
            yield path, cast(Scalar, value)


def count_items(node: Any) -> int:
    """How many objects the lists of a record hold, lists within items included."""
    if isinstance(node, dict):
        return sum(map(count_items, node.values()))
    if isinstance(node, list):
        return sum(isinstance(item, dict) + count_items(item) for item in node)
    return 0
