"""The top-level definitions of a Python file, with their digests and the names that they use."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from modellab.core.fingerprint import digest

#: the definition with the side effects of importing a module
EFFECTS = ""
#: stands for all names of a module
EVERYTHING = "*"


class Use(NamedTuple):
    """A name that a definition refers to.

    `module` is None for a name of the file itself, `name` None for the module itself.
    `attribute` of the name is the one that is used, if known.
    """

    module: str | None
    name: str | None
    attribute: str | None = None

    def resolved(self) -> Use:
        """With the attribute as the name, if the name is a module."""
        return self._replace(name=self.attribute, attribute=None) if self.name is None else self


class Definition(NamedTuple):
    """The statements that define a name: digest of their code (empty if none), and their uses."""

    digest: str
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class PythonSource:
    """Definitions and imports of a file, by name."""

    definitions: dict[str, Definition]
    imports: dict[str, Use]

    @classmethod
    def parse(cls, text: bytes, package: str) -> Self:
        """Parse the source of a module in `package`. Raises SyntaxError."""
        tree = ast.parse(text)
        _strip(tree)
        imports: dict[str, Use] = {}
        named: dict[str, list[ast.stmt]] = {EFFECTS: []}
        for statement in tree.body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                imports.update(_imported(statement, package))
                continue
            names = [*_defined(statement, package, imports)]
            for name in names:
                named.setdefault(name, []).append(statement)
            if not names or not isinstance(statement, _PLAIN):
                named[EFFECTS].append(statement)
        return cls({name: _definition(parts, package) for name, parts in named.items()}, imports)


def _definition(statements: Iterable[ast.stmt], package: str) -> Definition:
    counting = [one for one in statements if not _is_registry(one)]
    found: dict[Use, None] = {}
    waiting: list[ast.AST] = [*counting]
    while waiting:
        node = waiting.pop()
        _strip(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found[Use(None, node.value.id, node.attr)] = None
        elif isinstance(node, ast.Name):
            found[Use(None, node.id)] = None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((use, None) for _, use in _imported(node, package))
        else:
            waiting.extend(ast.iter_child_nodes(node))
    text = "\n".join(map(ast.unparse, counting))
    return Definition(digest(text) if text else "", tuple(found))


#: statements without side effects on import, unlike loops and branches
_PLAIN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _defined(statement: ast.stmt, package: str, imports: dict[str, Use]) -> Iterator[str]:
    """The names that a statement defines; imported names are added to `imports`."""
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


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Use]]:
    """The names that an import binds, and what they refer to."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # `import a.b` binds a, but is for the sake of a.b
            whole = alias.asname is None and "." in alias.name
            yield (
                (alias.asname or alias.name.partition(".")[0]),
                Use(alias.name, EVERYTHING if whole else None),
            )
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    module = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        yield alias.asname or alias.name, Use(module, alias.name)


def _is_registry(statement: ast.stmt) -> bool:
    """Whether it defines a family of members, or the union of their options."""
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
    """Remove docstrings (all bare strings) and TYPE_CHECKING blocks."""
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
