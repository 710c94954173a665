"""Fingerprints of code: what scripts and modules do, with all that they use of the library.

A source is cut into its top-level definitions, and only those count that are used: a script that
imports one function depends on that function and on what it names in turn, not on its neighbours.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from modellab.core.fingerprint import digest

LIBRARY = "modellab"
PACKAGE = Path(__file__).parents[1]
#: the name of what a module does when it is imported, beside defining things
_EFFECTS = ""
_ALL = "*"


def code_digest(parts: Iterable[str | Path]) -> str:
    """Digest of what these modules (by name) and scripts (files) do; see `Sources.digest`.

    Kept for the life of this process.
    """
    return _code_digest(tuple(parts))


class Sources:
    """Python sources, parsed once as long as their files stay the same.

    Args:
        roots: The folder of each package by name. A package that is not among them is found where
            it is installed, if one of its modules is asked for.
    """

    def __init__(self, roots: Mapping[str, Path] | None = None) -> None:
        self._roots: dict[str, Path | None] = {**(roots or {LIBRARY: PACKAGE})}
        self._parsed: dict[Path, tuple[tuple[int, ...], _Source]] = {}
        self._files: dict[str, Path | None] = {}
        self._current: dict[str, _Source] = {}

    def digest(self, parts: Iterable[str | Path]) -> str:
        """Digest of what these modules (by name) and scripts (files) do.

        Comments, docstrings and layout do not count, nor imports that are there for type checkers
        only, nor the tables of registries: whoever dispatches to a member names its module as a
        part. A module called `options` stands for its folder: options are data, and what they
        stand for lies beside them.

        Raises:
            ValueError: there is no such module.
        """
        return digest(self.used(parts))

    def used(self, parts: Iterable[str | Path]) -> dict[str, str]:
        """What the parts come to: the text of each definition by `module:name`."""
        self._files.clear()
        self._current.clear()
        packages, waiting = {LIBRARY}, list[tuple[str, str]]()
        for part in parts:
            if isinstance(part, Path):
                waiting += self._all_of(str(part))
            else:
                packages.add(part.partition(".")[0])
                for module in self._beside(part):
                    waiting += self._all_of(module)
        found: dict[tuple[str, str], str] = {}
        while waiting:
            module, name = waiting.pop()
            if (module, name) in found:
                continue
            definition = self._source(module).definitions[name]
            found[module, name] = definition.text
            for use in definition.uses:
                waiting += self._resolved(self._source(module).target(module, use), packages)
        texts = {f"{Path(m).name}:{name}": text for (m, name), text in found.items() if text}
        return dict(sorted(texts.items()))

    def _all_of(self, module: str) -> list[tuple[str, str]]:
        return [(module, name) for name in self._source(module).definitions]

    def _resolved(self, use: _Use | None, packages: set[str]) -> Iterator[tuple[str, str]]:
        """The definitions that a name stands for, in whichever module it is defined."""
        if use is None or (use.module.partition(".")[0] not in packages and not use.is_local):
            return
        if use.is_local:
            yield use.module, str(use.name)
        elif self._file(use.module) is None:
            return
        elif use.name is None or use.name == _ALL:
            yield from self._all_of(use.module)
        else:
            source = self._source(use.module)
            yield use.module, _EFFECTS
            if use.name in source.definitions:
                yield use.module, use.name
            elif source.imports.get(use.name, use)[:2] != use[:2]:
                passed_on = source.imports[use.name]._replace(attribute=use.attribute)
                yield from self._resolved(passed_on.opened(), packages)
            else:
                inner = _Use(f"{use.module}.{use.name}", use.attribute)
                yield from self._resolved(inner, packages)

    def _beside(self, module: str) -> Iterator[str]:
        """The modules that a part stands for: itself, or the folder that it is the options of."""
        file = self._file(module)
        if file is None:
            raise ValueError(f"no module {module}")
        parent, _, last = module.rpartition(".")
        if last != "options":
            yield module
            return
        for path in sorted(file.parent.rglob("*.py")):
            below = path.relative_to(file.parent).with_suffix("").parts
            yield ".".join((parent, *(part for part in below if part != "__init__")))

    def _source(self, module: str) -> _Source:
        if module not in self._current:
            path = self._file(module)
            assert path is not None
            stat = path.stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if path not in self._parsed or self._parsed[path][0] != state:
                package = module if path.stem == "__init__" else module.rpartition(".")[0]
                self._parsed[path] = (state, _Source.read(path.read_bytes(), package))
            self._current[module] = self._parsed[path][1]
        return self._current[module]

    def _file(self, module: str) -> Path | None:
        """The file of a module; None for one that is not there."""
        if module.endswith(".py"):
            return Path(module)
        if module not in self._files:
            package, *below = module.split(".")
            root = self._root(package)
            base = root.joinpath(*below) if root else None
            files = (base.with_name(f"{base.name}.py"), base / "__init__.py") if base else ()
            self._files[module] = next((file for file in files if file.is_file()), None)
        return self._files[module]

    def _root(self, package: str) -> Path | None:
        """Where an installed package is; of a module alone its file without the suffix."""
        if package not in self._roots:
            spec = None if package in sys.stdlib_module_names else find_spec(package)
            origin = Path(spec.origin) if spec and spec.origin else None
            folder = spec is not None and spec.submodule_search_locations
            self._roots[package] = origin and (origin.parent if folder else origin.with_suffix(""))
        return self._roots[package]


class _Use(NamedTuple):
    """A name of a module, if need be with the attribute of it that is used; None: the module."""

    module: str
    name: str | None
    attribute: str | None = None
    is_local: bool = False

    def opened(self) -> _Use:
        """With the attribute as the name, where a module itself was named."""
        return self._replace(name=self.attribute, attribute=None) if self.name is None else self


@dataclass(frozen=True)
class _Definition:
    """One top-level statement, or several of one name."""

    statements: list[ast.stmt] = field(default_factory=list)
    package: str = ""

    @cached_property
    def text(self) -> str:
        """What it does, in one layout."""
        _ = self.uses  # takes docstrings out
        return "\n".join(ast.unparse(one) for one in self.statements if not _is_registry(one))

    @cached_property
    def uses(self) -> tuple[tuple[str, str | None] | _Use, ...]:
        """The names that it reads, with an attribute where one is taken, and what it imports."""
        found: dict[tuple[str, str | None] | _Use, None] = {}
        waiting: list[ast.AST] = [one for one in self.statements if not _is_registry(one)]
        while waiting:
            node = waiting.pop()
            _strip(node)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found[node.value.id, node.attr] = None
            elif isinstance(node, ast.Name):
                found[node.id, None] = None
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                found.update((use, None) for _, use in _imported(node, self.package))
            else:
                waiting.extend(ast.iter_child_nodes(node))
        return tuple(found)


@dataclass(frozen=True)
class _Source:
    """One file: its definitions by name, and the names that it imports."""

    definitions: dict[str, _Definition]
    imports: dict[str, _Use]

    @classmethod
    def read(cls, text: bytes, package: str) -> _Source:
        tree = ast.parse(text)
        _strip(tree)
        source = cls({_EFFECTS: _Definition(package=package)}, {})
        for statement in tree.body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                source.imports.update(_imported(statement, package))
                continue
            names = [*_defined(statement, package, source.imports)]
            for name in names:
                made = source.definitions.setdefault(name, _Definition(package=package))
                made.statements.append(statement)
            if not names or not isinstance(statement, _PLAIN):
                source.definitions[_EFFECTS].statements.append(statement)
        return source

    def target(self, module: str, use: tuple[str, str | None] | _Use) -> _Use | None:
        """What a name stands for in this module; None for builtins and local names."""
        if isinstance(use, _Use):
            return use
        name, attribute = use
        if name in self.definitions:
            return _Use(module, name, is_local=True)
        imported = self.imports.get(name)
        return imported._replace(attribute=attribute).opened() if imported else None


#: statements that only define; others (a loop, a branch) also do something on import
_PLAIN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _defined(statement: ast.stmt, package: str, imports: dict[str, _Use]) -> Iterator[str]:
    """The names that a statement of a module binds; those that it imports are noted."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        imports.update(_imported(statement, package))
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
    else:
        for block in ("body", "orelse", "finalbody"):
            for inner in getattr(statement, block, []):
                yield from _defined(inner, package, imports)
        for handler in getattr(statement, "handlers", []):
            for inner in handler.body:
                yield from _defined(inner, package, imports)


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, _Use]]:
    """The names that an import binds, and what they stand for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # `import a.b` binds a, but is there for a.b
            whole = alias.asname is None and "." in alias.name
            yield (
                (alias.asname or alias.name.partition(".")[0]),
                _Use(alias.name, _ALL if whole else None),
            )
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    module = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        yield alias.asname or alias.name, _Use(module, alias.name)


def _is_registry(statement: ast.stmt) -> bool:
    """Whether it is a table of a family's members, or the union of their options."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    calls = [node for node in ast.walk(statement.value) if isinstance(node, ast.Call)]
    return any(
        name.endswith("Family")
        or (name == "Field" and any(key.arg == "discriminator" for key in call.keywords))
        for call in calls
        if (name := getattr(call.func, "id", ""))
    )


def _strip(node: ast.AST) -> None:
    """Take out docstrings (all texts that stand alone), and what only type checkers read."""
    for block in ("body", "orelse", "finalbody"):
        inside = getattr(node, block, None)
        if isinstance(inside, list):
            kept = [part for one in inside for part in _kept(one)]
            if len(kept) != len(inside) or any(
                a is not b for a, b in zip(kept, inside, strict=True)
            ):
                setattr(node, block, kept)


def _kept(statement: ast.stmt) -> list[ast.stmt]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return [] if isinstance(statement.value.value, str) else [statement]
    if isinstance(statement, ast.If) and getattr(statement.test, "id", "") == "TYPE_CHECKING":
        return statement.orelse
    return [statement]


_INSTALLED = Sources()


@cache
def _code_digest(parts: tuple[str | Path, ...]) -> str:
    return _INSTALLED.digest(parts)
