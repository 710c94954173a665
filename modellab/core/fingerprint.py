"""Digests that name what a result depends on: plain data, files, and the library's own code."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parents[1]


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
    """Digest of what these library modules do, and all library modules that they import.

    Comments, docstrings and layout do not count, nor imports that are there for type checkers
    only. Packages' `__init__` files count only where they are imported by name, so that a registry
    does not tie each of its members to all the others.
    """
    return digest({name: _code(_source(name)).text for name in _closure(modules)})


def _closure(modules: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(imported for imported in _code(_source(name)).imports if _path(imported))
    return found


class _Code(NamedTuple):
    """What a source does, as text in one layout, and what it may import of the library."""

    text: str
    imports: frozenset[str]


@cache
def _code(source: bytes) -> _Code:
    """Kept: a workflow asks for each module many times."""
    tree = _Meaning().visit(ast.parse(source))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    found = frozenset(name for name in names if name.startswith("modellab."))
    return _Code(ast.unparse(tree), found)


class _Meaning(ast.NodeTransformer):
    """Takes out docstrings (all texts that stand alone), and what only type checkers read."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if alone else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        self.generic_visit(node)
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return list(node.orelse)
        return node


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
