"""The file of all runs: a line of JSON each, appended by one writer at a time.

A last line without an end (its writer was killed) is moved to another file before the next line
is written; lines that cannot be read are reported and kept.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.core.options import first_problem
from modellab.reporting.registry.records import SCHEMA_VERSION, RunRecord

log = logging.getLogger(__name__)

RUNS, TORN = "runs.jsonl", "runs.torn"


@dataclass
class Registry:
    """The runs of a results folder, oldest first.

    `troubles` describe the lines that could not be read.
    """

    path: Path
    records: list[RunRecord]
    troubles: list[str]

    def of(self, dataset: str) -> list[RunRecord]:
        return [record for record in self.records if record.dataset == dataset]


class OpenRegistry(Registry):
    """A registry that is locked for appending."""

    def __init__(self, path: Path, handle: BinaryIO) -> None:
        self._handle = handle
        _move_torn_tail(handle, path)
        handle.seek(0)
        super().__init__(path, *_parsed(handle.read(), path))

    def add(self, record: RunRecord) -> RunRecord:
        """Write a record, unless the newest one of its dataset has the same results.

        Returns the record of these results.
        """
        newest = next(reversed(self.of(record.dataset)), None)
        if newest is not None and newest.state == record.state:
            return newest
        # one write: a kill can only leave a part of the last line
        line = dump_json(asdict(record)).encode() + b"\n"
        if self._handle.write(line) != len(line):
            raise InputError(f"{self.path}: only a part could be written; is the disk full?")
        os.fsync(self._handle.fileno())
        self.records.append(record)
        return record


def read_registry(folder: Path) -> Registry:
    """The registry in a folder, which may be in use; an empty one if there is none.

    Read-only: a last line without an end is reported and kept.
    """
    path = folder / RUNS
    if not path.exists():
        return Registry(path, [], [])
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    records, troubles = _parsed(data[:whole], path)
    if whole < len(data):
        troubles.append(f"{path}: the last line has no end: a run is writing it, or was killed")
    return Registry(path, records, troubles)


@contextmanager
def open_registry(folder: Path) -> Iterator[OpenRegistry]:
    """Lock the registry in a folder for appending; waits for other writers."""
    path = folder / RUNS
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        registry = OpenRegistry(path, handle)
        for trouble in registry.troubles:
            log.warning("%s", trouble)
        yield registry


def find_run(registry: Registry, name: str) -> RunRecord:
    """The run with that name or prefix; `latest` is the last one.

    Raises InputError if there is none, or more than one.
    """
    if name == "latest" and registry.records:
        return registry.records[-1]
    found = [record for record in registry.records if record.run == name]
    found = found or [record for record in registry.records if record.run.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{name}: {len(found)} runs have this prefix; write more of the name")
    raise InputError(f"{name}: no such run in {registry.path}; modellab runs lists them")


def _move_torn_tail(handle: BinaryIO, path: Path) -> None:
    """Move a last line without an end to another file."""
    handle.seek(0)
    data = handle.read()
    whole = data.rfind(b"\n") + 1
    torn = data[whole:]
    if not torn:
        return
    with path.with_name(TORN).open("ab") as beside:
        beside.write(torn + b"\n")
        beside.flush()
        os.fsync(beside.fileno())
    handle.truncate(whole)
    log.warning("%s: moved a torn last line (%d bytes) to %s", path, len(torn), TORN)


def _parsed(data: bytes, path: Path) -> tuple[list[RunRecord], list[str]]:
    """The records, and a message about each line that is not one."""
    adapter = TypeAdapter(RunRecord)
    records: list[RunRecord] = []
    troubles: list[str] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            _require_known_version(line)
            records.append(adapter.validate_json(line))
        except ValidationError as error:
            troubles.append(f"{path}:{number}: not a run: {first_problem(error, 'line')}")
        except ValueError as error:
            troubles.append(f"{path}:{number}: not a run: {error}")
    return records, troubles


def _require_known_version(line: bytes) -> None:
    data = json.loads(line)
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise ValueError(f"schema version {version}, but this Model Lab knows {SCHEMA_VERSION}")
