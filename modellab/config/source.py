"""YAML that is read strictly: doubled keys are errors, and every key knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_utf8

Location = tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A config file: its data, and the line of each key."""

    path: Path
    data: dict[str, Any]
    lines: dict[Location, int]

    def without(self, key: str) -> Source:
        """The same file as if it did not have a top-level key."""
        data = {name: value for name, value in self.data.items() if name != key}
        return Source(self.path, data, {at: n for at, n in self.lines.items() if at[0] != key})


def read_source(path: Path) -> Source:
    """Read one YAML file. Raises InputError with file and line."""
    try:
        node = yaml.compose(read_utf8(path), Loader=yaml.SafeLoader)
        data = yaml.safe_load(read_utf8(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}:{line}: not valid YAML: {error.problem}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        raise InputError(f"{path}: empty, or not a map of keys such as `models:`")
    try:
        return Source(path, data, dict(_lines(path, node, ())))
    except RecursionError:
        raise InputError(f"{path}: an alias that holds itself") from None


def _lines(path: Path, node: yaml.Node, above: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            here = (*above, name)
            if name in seen:
                raise InputError(
                    f"{path}:{line}: {'.'.join(here)}: this key stands twice "
                    f"(first in line {seen[name]})"
                )
            seen[name] = line
            yield here, line
            yield from _lines(path, value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            here = (*above, str(index))
            yield here, value.start_mark.line + 1
            yield from _lines(path, value, here)
