"""Fingerprints of the code of rules, as their param `code`."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from modellab.core.code import LIBRARY, PACKAGE, Sources
from modellab.workflow.entries import Entry, Wildcards, listed

_CACHE = Path(".snakemake") / "sources.json"
#: options, or names of modules
Find = Callable[[Wildcards], Entry | list[str]]


class Fingerprints:
    """Digests of scripts, and of the members of families that a job dispatches to.

    Args:
        project: The folder of `scripts/` and of the library that they use.
    """

    def __init__(self, project: Path) -> None:
        self._scripts = project / "scripts"
        beside = project / LIBRARY
        # in a wheel the project lies in the library
        self._sources = Sources({LIBRARY: beside if beside.is_dir() else PACKAGE}, _CACHE)
        atexit.register(self._sources.save)
        self._digest = cache(self._made)

    def code(self, script: str, *members: Find) -> Callable[[Wildcards], str]:
        """The param `code`: the code of the script, and of the members of families that it uses.

        Args:
            script: The rule's own script, without its folder and suffix.
            members: Functions that return the options of members, or the names of their modules.
        """
        return lambda wildcards: self._digest(
            script, modules([entry for find in members for entry in listed(find(wildcards))])
        )

    def of(self, script: str, *modules: str) -> str:
        """The same with the modules of members."""
        return self._digest(script, frozenset(modules))

    def forget(self) -> None:
        """Drop the cache, as sources may have changed."""
        self._digest.cache_clear()

    def _made(self, script: str, members: frozenset[str]) -> str:
        return self._sources.digest([self._scripts / f"{script}.py", *sorted(members)])


def modules(entries: Iterable[BaseModel | str]) -> frozenset[str]:
    """The modules of these options, and of all options in them: a judge's model, an embedder."""
    named = {entry for entry in entries if isinstance(entry, str)}
    return frozenset(named | {type(one).__module__ for entry in entries for one in nested(entry)})


def nested(value: object) -> Iterator[BaseModel]:
    """Options, and all options in them."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from nested(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from nested(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from nested(one)
