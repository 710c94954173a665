"""Which run made which answers, and on which machine: kept with the journal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from modellab.core.io.journal import journals_beside
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.machine import describe_machine, package_versions


def made_on() -> dict[str, Any]:
    """The time, the machine and the package versions of now, as plain JSON."""
    return {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": describe_machine(),
        "versions": package_versions(),
    }


class RunHistory:
    """The runs that put answers into one journal, by name; `name` is the one that goes on now.

    A run is written down when it opens the model, and completed with what it used at its end, so
    that answers of a run that was killed still know their machine.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def begin(self) -> None:
        self._write({**made_on(), "ended": False})

    def end(self, resource_usage: Mapping[str, Any]) -> None:
        """Complete this run, if it made answers."""
        if resource_usage["generated"]:
            self._write({**resource_usage, "ended": True})

    def names(self) -> set[str]:
        """The runs that were begun for this journal."""
        return set(self._read())

    def of(self, names: Iterable[str | None]) -> list[dict[str, Any]]:
        """The runs with these names, in order of time, each with how often it was named."""
        counts = Counter(name for name in names if name)
        known = self._with_others(counts)
        return [{"run": name, "rows": counts[name], **known[name]} for name in sorted(counts)]

    def _with_others(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The runs of this journal, and those that answers of other journals were made by."""
        known = self._read()
        for path in journals_beside(self._path.with_suffix("").with_suffix(".jsonl")):
            missing = set(names) - known.keys()
            beside = path.with_suffix(".runs.json")
            if missing and beside.exists():
                known |= {k: v for k, v in read_json(beside).items() if k in missing}
        return known

    def _read(self) -> dict[str, dict[str, Any]]:
        known: dict[str, dict[str, Any]] = read_json(self._path) if self._path.exists() else {}
        return known

    def _write(self, record: Mapping[str, Any]) -> None:
        write_json(self._path, {**self._read(), self._name: record})
