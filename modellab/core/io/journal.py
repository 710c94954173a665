"""The journal: every answer on disk the moment it exists.

One JSON line per answer, appended and flushed, so that a kill at any moment costs at most what
was in flight; synced to the disk at least once a second while answers come, and at the end. Each
line has a checksum. Entries are found again by their key, which names all that decides the answer.
The name of the model is no part of it: a renamed model takes over its earlier answers.
"""

from __future__ import annotations

import fcntl
import io
import logging
import os
import re
import time
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.core.records import Response, Status
from modellab.core.wall_clock import Span, shares

log = logging.getLogger(__name__)

#: how long answers may be in the machine's memory only
_SYNC_SECONDS = 1.0
_KEY = re.compile(rb'"key": ?"([^"]+)"')
_RUN = re.compile(rb'"run": ?"([^"]+)"')
#: the folder that all journals of a dataset are in, at any depth
_FOLDER = "journal"
_DEEPEST = 3
_CHECKSUM = b',"crc32":"%08x"'
_CHECKSUM_LENGTH = len(_CHECKSUM % 0) + 1
_DAMAGED = "not a journal entry, or damaged since it was written"


@dataclass(frozen=True)
class Entry:
    """One line of the journal: a response, and for readers what it was asked for."""

    question_id: str
    retriever: str
    repeat: int
    response: Response


class Journal:
    """An open journal at `path`. `responses` holds the newest final response, by key."""

    def __init__(
        self,
        path: Path,
        handle: BinaryIO,
        entries: Iterator[Response],
        asked_again: Collection[str] | None,
    ) -> None:
        self.path = path
        self._handle = handle
        self._synced = time.monotonic()
        self._asked_again = asked_again
        self._spans: dict[str, list[Span]] = defaultdict(list)
        self.responses: dict[str, Response] = {}
        for response in entries:
            self._note(response)

    def append(self, entry: Entry) -> None:
        """Put one answer on disk. Errors are written too, and reused only if they are final."""
        self._handle.write(_with_checksum(dump_json(asdict(entry)).encode()) + b"\n")
        self._handle.flush()
        if time.monotonic() >= self._synced + _SYNC_SECONDS:
            self.sync()
        self._note(entry.response)

    def take_over(self, keys: Collection[str]) -> int:
        """Copy final answers with these keys from other journals; how many there were.

        What cannot be read there is passed over: the job that it belongs to will say so.
        """
        missing = set(keys) - self.responses.keys()
        found = 0
        for path in journals_beside(self.path) if missing else ():
            for entry in _entries_of(path, _KEY, missing):
                if _is_final(entry.response, None) and entry.response.key in missing:
                    missing.discard(entry.response.key)
                    self.append(entry)
                    found += 1
        return found

    def sync(self) -> None:
        """Wait until the disk has what was written: a power cut then costs nothing."""
        os.fsync(self._handle.fileno())
        self._synced = time.monotonic()

    def seconds_per_answer(self, own_runs: Collection[str]) -> dict[tuple[str, str], float]:
        """By run and key: what each answer ever made took of its run's clock, errors included.

        A run that is none of `own_runs` made answers for another journal, some of which were taken
        over: the others had their part of its clock as well.
        """
        foreign = self._spans.keys() - set(own_runs)
        for path in journals_beside(self.path) if foreign else ():
            for entry in _entries_of(path, _RUN, foreign):
                self._time(entry.response)
        return {
            (run, key): seconds
            for run, spans in self._spans.items()
            for key, seconds in shares(list(dict.fromkeys(spans))).items()
        }

    def _note(self, response: Response) -> None:
        self._time(response)
        if _is_final(response, self._asked_again):
            self.responses[response.key] = response

    def _time(self, response: Response) -> None:
        if response.run is not None and response.finished_seconds is not None:
            span = Span(response.key, response.latency_seconds, response.finished_seconds)
            self._spans[response.run].append(span)


@contextmanager
def open_journal(path: Path, asked_again: Collection[str] | None = None) -> Iterator[Journal]:
    """Read the journal at `path` and hold it open for appending, alone.

    `asked_again` are the classes of errors that are no answers, None for all: an error of another
    class is as final as an answer.

    A last line without an end (the writer was killed) is cut off, with a warning. Any other
    line that is not an entry raises InputError, because it would be silently lost otherwise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        _lock(handle, path)
        _cut_torn_line(handle, path)
        handle.seek(0)
        journal = Journal(path, handle, _entries(handle, path), asked_again)
        try:
            yield journal
        finally:
            journal.sync()


def read_journal(path: Path) -> dict[str, Response]:
    """The newest final response by key, of a journal that may be in use; empty where none is.

    Changes nothing: a last line without an end is passed over. Raises InputError as
    `open_journal` does.
    """
    if not path.exists():
        return {}
    data = path.read_bytes()
    lines = io.BytesIO(data[: data.rfind(b"\n") + 1])
    return {entry.key: entry for entry in _entries(lines, path) if _is_final(entry, None)}


def _lock(handle: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            f"{path}: another run is writing this journal; wait for it or stop it"
        ) from None


def _cut_torn_line(handle: BinaryIO, path: Path) -> None:
    handle.seek(0)
    data = handle.read()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        handle.truncate(whole)
        log.warning("%s: dropped a torn last line (%d bytes)", path, len(data) - whole)


def _is_final(response: Response, asked_again: Collection[str] | None) -> bool:
    """Errors are tried again; that a file has no row for a question stays so."""
    if response.error_class in (None, Status.MISSING):
        return True
    return asked_again is not None and response.error_class not in asked_again


def _with_checksum(entry: bytes) -> bytes:
    return entry[:-1] + _CHECKSUM % zlib.crc32(entry) + b"}"


def _checked(line: bytes) -> bytes | None:
    """The entry of a line; None where its checksum is missing or says that it was changed."""
    line = line.rstrip(b"\r\n")
    entry = line[:-_CHECKSUM_LENGTH] + b"}"
    return entry if _with_checksum(entry) == line else None


def _entries(handle: BinaryIO, path: Path) -> Iterator[Response]:
    adapter = TypeAdapter(Entry)
    for number, line in enumerate(handle, start=1):
        entry = _checked(line)
        try:
            if entry is None:
                raise ValueError(_DAMAGED)
            response = adapter.validate_json(entry).response
        except ValueError:
            raise InputError(
                f"{path}:{number}: {_DAMAGED}; remove this line (or the whole file, to generate "
                "all answers again)"
            ) from None
        yield response


def journals_beside(path: Path) -> Iterator[Path]:
    """The other journals of the dataset that a journal belongs to."""
    above = (folder for folder in list(path.parents)[:_DEEPEST] if folder.name == _FOLDER)
    folder = next(above, path.parent)
    yield from (other for other in sorted(folder.rglob("*.jsonl")) if other != path)


def _entries_of(path: Path, field: re.Pattern[bytes], values: Collection[str]) -> Iterator[Entry]:
    """The entries with these keys or runs in a journal that may be in use, the newest first."""
    wanted = {value.encode() for value in values}
    adapter = TypeAdapter(Entry)
    for line in reversed(path.read_bytes().split(b"\n")):
        value = field.search(line)
        entry = _checked(line) if value and value[1] in wanted else None
        if entry is not None:
            try:
                yield adapter.validate_json(entry)
            except ValueError:
                log.warning("%s: a damaged line is passed over", path)
