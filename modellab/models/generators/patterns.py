"""The `patterns` provider: a baseline that fills a record by regular expressions.

It shows what a plain program reaches with documents that all look alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from modellab.core.options import Options
from modellab.core.records import Request
from modellab.models.generators.baseline import BaselineOptions, Pattern


class ItemPattern(Options):
    """Items with a line each."""

    line: Pattern = Field(description="a whole line; its named groups are the item's keys")
    heading: Pattern | None = Field(
        None, description="a whole line above items; its first group is their `heading_key`"
    )
    heading_key: str | None = Field(None, description="the key that a heading is written under")

    @model_validator(mode="after")
    def _has_keys(self) -> ItemPattern:
        if not re.compile(self.line).groupindex:
            raise ValueError("line: name at least one group, as in (?P<name>...)")
        if (self.heading is None) != (self.heading_key is None):
            raise ValueError("heading and heading_key go together")
        if self.heading is not None and not re.compile(self.heading).groups:
            raise ValueError("heading: put the text of the heading into a group")
        return self


class PatternOptions(BaselineOptions):
    """Regular expressions that read a record from a text. It cannot read pictures."""

    provider: Literal["patterns"]
    values: dict[str, Pattern] = Field(
        default_factory=dict,
        description="by key, or path such as `total.price`: a pattern; the first group of its "
        "first match in a line is the value",
    )
    items: dict[str, ItemPattern] = Field(
        default_factory=dict, description="by key of a list: how its items are read"
    )

    @model_validator(mode="after")
    def _reads_something(self) -> PatternOptions:
        for key, pattern in self.values.items():
            if not re.compile(pattern).groups:
                raise ValueError(f"values.{key}: put the value into a group")
        paths = [*self.values, *self.items]
        for path in paths:
            if paths.count(path) > 1 or any(other.startswith(f"{path}.") for other in paths):
                raise ValueError(f"duplicate key {path}, or one that has values below it")
        if not paths:
            raise ValueError("name at least one pattern under values or items")
        return self

    def model_id(self) -> str:
        return "patterns"

    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        texts = [request.question.text, *(passage.text for passage in request.passages)]
        return read_record("\n".join(texts), self)


def read_record(text: str, options: PatternOptions) -> dict[str, Any]:
    """The record that the patterns read; keys that nothing was found for are left out."""
    lines = [line.strip() for line in text.splitlines()]
    values = {path: _value(lines, pattern) for path, pattern in options.values.items()}
    items = {path: _items(lines, pattern) for path, pattern in options.items.items()}
    record: dict[str, Any] = {}
    for path, found in {**values, **items}.items():
        if found:
            *above, key = path.split(".")
            place = record
            for name in above:
                place = place.setdefault(name, {})
            place[key] = found
    return record


def _value(lines: Sequence[str], pattern: str) -> str | None:
    found = (re.search(pattern, line) for line in lines)
    return next((match[1].strip() for match in found if match and match[1]), None)


def _items(lines: Sequence[str], pattern: ItemPattern) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    heading = None
    for line in lines:
        above = re.fullmatch(pattern.heading, line) if pattern.heading else None
        match = re.fullmatch(pattern.line, line)
        if above:
            heading = above[1].strip()
        elif match:
            item = {key: text.strip() for key, text in match.groupdict().items() if text}
            if pattern.heading_key and heading:
                item[pattern.heading_key] = heading
            items.append(item)
    return items
