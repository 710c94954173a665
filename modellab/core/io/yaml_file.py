"""Strict YAML with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modellab.core.errors import InputError, one_line
from modellab.core.io.encoding import read_utf8

Location = tuple[str, ...]

#: maps of a config that are passed on to a server or an engine: their keys need not be text
_PASSED_ON = ("extra", "args")
#: longer values are cut in messages
_SHOWN = 40
#: more entries than any benchmark has: aliases of aliases
_MOST_NODES = 100_000
#: octal, hexadecimal, binary and base 60
_SURPRISING = re.compile(r"[-+]?(0[0-9_]+|0[xb]_.*|[0-9_]+(:[0-9_.]+)+)$")
#: control characters and halves of surrogate pairs
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_A = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "timestamp": "a date",
    "null": "nothing",
    "binary": "binary data",
}


@dataclass(frozen=True)
class YamlFile:
    """Its data, and the line of each key."""

    path: Path
    data: dict[str, Any]
    lines: dict[Location, int]

    def without(self, key: str) -> YamlFile:
        """The same file as if it did not have a top-level key."""
        data = {name: value for name, value in self.data.items() if name != key}
        return YamlFile(self.path, data, {at: n for at, n in self.lines.items() if at[0] != key})


def read_yaml(path: Path, any_keys: Collection[str] = ()) -> YamlFile:
    """Read a YAML file of a map. Raises InputError with file and line.

    Keys must be text, but below those in `any_keys`.
    """
    text = read_utf8(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None or not isinstance(node, yaml.MappingNode):
            raise InputError(f"{path}: empty, or not a map of keys (`key: value`)")
        _within_limits(path, node)
        lines = dict(_lines(path, node, (), any_keys))
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        start = error.context_mark.line + 1 if error.context_mark else line
        begun = f" ({error.context} that begins in line {start})" if start != line else ""
        raise InputError(f"{path}:{line}: not valid YAML: {error.problem}{begun}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {one_line(error)}") from None
    return YamlFile(path, data, lines)


def read_config_file(path: Path) -> YamlFile:
    """A config file as it is written. Raises InputError with file and line for broken YAML."""
    return read_yaml(path, _PASSED_ON)


class _Loader(yaml.SafeLoader):
    """A safe loader that locates a scalar that YAML cannot convert."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError):
            text = str(node.value)
            shown = repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
            kind = node.tag.rsplit(":", 1)[-1]
            raise yaml.MarkedYAMLError(
                problem=f"{shown} is read as {_A.get(kind, kind)}, and is none; "
                "put it in quotes if it is text",
                problem_mark=node.start_mark,
            ) from None


def _within_limits(path: Path, root: yaml.Node) -> None:
    """Refuse an alias that contains itself, and aliases that multiply beyond `_MOST_NODES`."""
    sizes: dict[int, int | None] = {}

    def size(node: yaml.Node) -> int:
        if id(node) in sizes:
            known = sizes[id(node)]
            if known is None:
                line = node.start_mark.line + 1
                raise InputError(f"{path}:{line}: this value contains an alias of itself")
            return known
        sizes[id(node)] = None
        below: Iterable[yaml.Node] = ()
        if isinstance(node, yaml.MappingNode):
            below = (part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            below = node.value
        found = 1 + sum(map(size, below))
        if found > _MOST_NODES:
            raise InputError(
                f"{path}:{node.start_mark.line + 1}: aliases make this value larger than "
                f"{_MOST_NODES:,} entries"
            )
        sizes[id(node)] = found
        return found

    size(root)


def _lines(
    path: Path, node: yaml.Node, above: Location, any_keys: Collection[str]
) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{path}:{line}: this key is a list or a map; keys are names")
            name = key.value
            here = (*above, name)
            if name in seen:
                raise InputError(
                    f"{path}:{line}: {'.'.join(here)}: duplicate key "
                    f"(first defined on line {seen[name]})"
                )
            is_free = any(part in any_keys for part in above)
            if not is_free and not key.tag.endswith((":str", ":merge")):
                raise InputError(
                    f"{path}:{line}: {'.'.join(here)}: YAML reads this name as "
                    f"{_A.get(key.tag.rsplit(':', 1)[-1], 'no text')}; put it in quotes: '{name}'"
                )
            seen[name] = line
            yield here, line
            yield from _lines(path, value, here, any_keys)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            here = (*above, str(index))
            yield here, value.start_mark.line + 1
            yield from _lines(path, value, here, any_keys)
    elif isinstance(node, yaml.ScalarNode):
        _refuse_surprises(path, node, above)


def _refuse_surprises(path: Path, node: yaml.ScalarNode, at: Location) -> None:
    """Refuse values that YAML reads differently than people (010 is 8), and unusable characters."""
    place = f"{path}:{node.start_mark.line + 1}: {'.'.join(at)}"
    if bad := _UNUSABLE.search(node.value):
        raise InputError(f"{place}: contains the character U+{ord(bad[0]):04X}; leave it out")
    number = node.tag.rsplit(":", 1)[-1] in ("int", "float")
    if number and node.style is None and _SURPRISING.match(node.value):
        raise InputError(
            f"{place}: YAML reads {node.value} as another number (octal, hexadecimal or base "
            "60): write it as a plain number, or in quotes if it is text"
        )
