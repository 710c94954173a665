"""Digests that name what a result depends on: plain data, files, and the library's own code."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

LIBRARY = "modellab"
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
    """Digest of what these modules do, and all modules of the same packages that they import.

    The packages are the library itself and those that add members to it. Comments, docstrings and
    layout do not count, nor imports that are there for type checkers only. Packages' `__init__`
    files count only where they are imported by name, so that a registry does not tie each of its
    members to all the others.
    """
    return digest({name: _code(_source(name)).text for name in _closure(modules)})


def _closure(modules: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    packages = {LIBRARY, *(name.partition(".")[0] for name in waiting)}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(
                imported
                for imported in _code(_source(name)).imports
                if imported.partition(".")[0] in packages and _path(imported)
            )
    return found


class _Code(NamedTuple):
    """What a source does, as text in one layout, and the names that it imports."""

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
    # the library's own `__init__` says nothing but its public names
    return _Code(ast.unparse(tree), frozenset(names - {LIBRARY}))


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
        raise ValueError(f"no module {name}")
    return path.read_bytes()


def _path(name: str) -> Path | None:
    # plain strings: a workflow asks many thousands of times, and paths as objects are slow
    package, *below = name.split(".")
    root = PACKAGE if package == LIBRARY else _root(package)
    if root is None:
        return None
    base = os.path.join(root, *below)  # noqa: PTH118
    for path in (f"{base}.py", os.path.join(base, "__init__.py")):  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            return Path(path)
    return None


@cache
def _root(package: str) -> str | None:
    """Where a package of another distribution is, or a module alone, without its suffix."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return str(origin.parent if spec.submodule_search_locations else origin.with_suffix(""))
