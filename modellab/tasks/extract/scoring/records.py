"""The rules that a record is compared by, and what they say of an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from modellab.core.options import Options
from modellab.core.values.spelling import text_key
from modellab.tasks.extract.record_parts import values_of
from modellab.tasks.extract.scoring.values import ValueRules


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


def field_text(item: Mapping[str, Any], key: str | None) -> str:
    """One key of an item as text: its parts with spaces between; empty where it holds objects."""
    found = values_of(item.get(key)) if key else ()
    if any(isinstance(value, dict) for value in found):
        return ""
    return " ".join(str(value).strip() for value in found)


def name_key(item: Mapping[str, Any], rules: ItemRules | None) -> str:
    """By what an item is matched; empty for items without a name."""
    return text_key(field_text(item, rules.name)) if rules else ""
