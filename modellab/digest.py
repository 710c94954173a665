"""Digests that name what a result depends on: plain data, files, and the library's own code."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


def digest(value: Any) -> str:
    """SHA-256 of plain JSON data, the same for equal data whatever the order of keys.

    Raises TypeError for anything that is not plain JSON: an object's text form may hold an
    address, and would make a key that never matches again.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def code_digest(modules: Iterable[str]) -> str:
    """Digest of the source of these library modules and of all library modules they import.

    Packages' `__init__` files count only where they are imported by name, so that a registry
    does not tie each of its members to all the others.
    """
    sources = {name: _source(name) for name in _closure(modules)}
    return digest({name: source.decode() for name, source in sources.items()})


def _closure(modules: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imports(name))
    return found


def _imports(name: str) -> set[str]:
    return {found for found in _named_imports(_source(name)) if _path(found)}


@cache
def _named_imports(source: bytes) -> frozenset[str]:
    """What a source may import of the library. Kept: a workflow asks for each module many times."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return frozenset(name for name in names if name.startswith("modellab."))


def _source(name: str) -> bytes:
    path = _path(name)
    if path is None:
        raise ValueError(f"no library module {name}")
    return path.read_bytes()


def _path(name: str) -> Path | None:
    # plain strings: a workflow asks many thousands of times, and paths as objects are slow
    base = os.path.join(PACKAGE, *name.split(".")[1:])  # noqa: PTH118
    for path in (f"{base}.py", os.path.join(base, "__init__.py")):  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            return Path(path)
    return None
