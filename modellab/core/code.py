"""Fingerprints of the code of scripts and modules, with everything that they use of the library.

The unit is a top-level definition: a script that imports one function depends on that function and
its transitive uses, not on the rest of its module.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.python_source import EFFECTS, EVERYTHING, PythonSource, Use

LIBRARY = "modellab"
PACKAGE = Path(__file__).parents[1]
#: other versions of Python unparse the same source differently
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

_SOURCE = TypeAdapter(PythonSource)

log = logging.getLogger(__name__)


class Sources:
    """Parsed Python sources, cached until their files change.

    Args:
        roots: Folders by package name. Other packages are found where they are installed.
        cache: A file with parsed sources, for the next process.
    """

    def __init__(self, roots: Mapping[str, Path] | None = None, cache: Path | None = None) -> None:
        self._roots: dict[str, Path | None] = {**(roots or {LIBRARY: PACKAGE})}
        self._packages = {LIBRARY}
        self._files: dict[str, Path | None] = {}
        self._states: dict[Path, list[int]] = {}
        self._parsed: dict[str, PythonSource] = {}
        self._next: dict[_Symbol, tuple[_Symbol, ...]] = {}
        self._cache, self._is_new = cache, False
        self._kept: dict[str, Any] = _read_cache(cache)

    def digest(self, parts: Collection[str | Path]) -> str:
        """Digest of the code of these modules (by name) and scripts (files) and their uses.

        Comments, docstrings, layout and imports for type checkers do not count, nor the tables of
        registries: a caller that dispatches to a member lists its module as a part. A module called
        `options` stands for its whole folder, which holds the implementation.

        Raises:
            ValueError: No such module.
        """
        return digest(self.used(parts))

    def used(self, parts: Collection[str | Path]) -> dict[str, str]:
        """The digest of each definition that is used, by `module:name`."""
        self._forget_changed()
        scripts = [part for part in parts if isinstance(part, Path)]
        modules = [part for part in parts if not isinstance(part, Path)]
        packages = {LIBRARY, *(module.partition(".")[0] for module in modules)}
        if not packages <= self._packages:
            self._packages |= packages
            self._next.clear()
        started = (*map(str, scripts), *(one for module in modules for one in self._beside(module)))
        waiting = [symbol for module in started for symbol in self._all_of(module)]
        found: dict[_Symbol, str] = {}
        while waiting:
            symbol = waiting.pop()
            if symbol not in found and symbol.package in (*packages, ""):
                found[symbol] = self._source(symbol.module).definitions[symbol.name].digest
                waiting += self._after(symbol)
        texts = {f"{Path(s.module).name}:{s.name}": text for s, text in found.items() if text}
        return dict(sorted(texts.items()))

    def _forget_changed(self) -> None:
        changed = {path for path, state in self._states.items() if _state(path) != state}
        if changed:
            stale = [module for module in self._parsed if self._file(module) in changed]
            for module in stale:
                del self._parsed[module]
            for path in changed:
                del self._states[path]
            self._files.clear()
            self._next.clear()

    def _all_of(self, module: str) -> list[_Symbol]:
        return [_Symbol(module, name) for name in self._source(module).definitions]

    def _after(self, symbol: _Symbol) -> tuple[_Symbol, ...]:
        """The definitions that a definition uses."""
        if symbol not in self._next:
            uses = self._source(symbol.module).definitions[symbol.name].uses
            found = (one for use in uses for one in self._used_in(symbol.module, use))
            self._next[symbol] = tuple(dict.fromkeys(found))
        return self._next[symbol]

    def _used_in(self, module: str, use: Use) -> Iterator[_Symbol]:
        """The definitions that a name in a module refers to; none for a builtin or local name."""
        source = self._source(module)
        if use.module is not None:
            yield from self._resolved(use)
        elif use.name in source.definitions:
            yield _Symbol(module, use.name)
        elif use.name in source.imports:
            yield from self._resolved(source.imports[use.name]._replace(attribute=use.attribute))

    def _resolved(self, use: Use) -> Iterator[_Symbol]:
        """The definitions that an imported name refers to, wherever it is defined."""
        module, name, attribute = use.resolved()
        if module is None or module.partition(".")[0] not in self._packages:
            return
        if self._file(module) is None:
            return
        if name is None or name == EVERYTHING:
            yield from self._all_of(module)
            return
        source = self._source(module)
        yield _Symbol(module, EFFECTS)
        if name in source.definitions:
            yield _Symbol(module, name)
        elif source.imports.get(name, use)[:2] != (module, name):
            yield from self._resolved(source.imports[name]._replace(attribute=attribute))
        else:
            yield from self._resolved(Use(f"{module}.{name}", attribute))

    def _beside(self, module: str) -> Iterator[str]:
        """The modules of a part: itself, or all of its folder if it is called `options`."""
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

    def _source(self, module: str) -> PythonSource:
        if module not in self._parsed:
            path = self._file(module)
            assert path is not None
            self._states[path] = _state(path)
            package = module if path.stem == "__init__" else module.rpartition(".")[0]
            self._parsed[module] = self._read(path, package)
        return self._parsed[module]

    def _read(self, path: Path, package: str) -> PythonSource:
        kept = self._kept.get(str(path), {})
        if kept.get("state") != self._states[path]:
            source = _parsed(path, package, *self._states[path])
            self._kept[str(path)] = {
                "state": self._states[path],
                "source": _SOURCE.dump_python(source, mode="json"),
            }
            self._is_new = True
            return source
        return _SOURCE.validate_python(kept["source"])

    def save(self) -> None:
        """Write the cache if anything was parsed."""
        if self._is_new and self._cache is not None and self._cache.parent.is_dir():
            try:
                write_json(self._cache, {"python": _PYTHON, "files": self._kept})
            except OSError as error:  # all that it saves is time
                log.warning("%s: not written: %s", self._cache, error.strerror)

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


class _Symbol(NamedTuple):
    """A definition: its module (or script file) and name."""

    module: str
    name: str

    @property
    def package(self) -> str:
        """Empty for a script."""
        return "" if self.module.endswith(".py") else self.module.partition(".")[0]


def _state(path: Path) -> list[int]:
    """Time, size and inode of a file; empty if it does not exist."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return []
    return [found.st_mtime_ns, found.st_size, found.st_ino]


@cache
def _parsed(path: Path, package: str, *_state: int) -> PythonSource:
    """The source of a file in one state: a process may load many workflows."""
    return PythonSource.parse(path.read_bytes(), package)


def _read_cache(path: Path | None) -> dict[str, Any]:
    """Sources parsed by an earlier process; empty if the file is missing or broken."""
    try:
        found = read_json(path) if path and path.exists() else {}
    except (ValueError, InputError):
        return {}
    files: dict[str, Any] = found["files"] if found.get("python") == _PYTHON else {}
    return files
