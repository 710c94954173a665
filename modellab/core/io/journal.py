"""The journal: every answer is written to disk immediately.

One JSON line per answer, appended and flushed, so that a kill loses at most the requests in
flight; synced to disk at least once a second while answers arrive, and at the end. Each line has a
checksum. Entries are found by their key, the hash of everything that decides the answer. The name
of the model is not part of it, so that a renamed model keeps its answers.
"""

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
from functools import cache
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.core.records import Response, Status
from modellab.core.wall_clock import RequestSpan, shares

log = logging.getLogger(__name__)

#: maximum time between syncs
_SYNC_SECONDS = 1.0
_KEY = re.compile(rb'"key": ?"([^"]+)"')
_RUN = re.compile(rb'"run": ?"([^"]+)"')
#: the folder with all journals of a dataset, at any depth
_FOLDER = "journal"
_DEEPEST = 3
_CHECKSUM = b',"crc32":"%08x"'
_CHECKSUM_LENGTH = len(_CHECKSUM % 0) + 1
_DAMAGED = "not a journal entry, or damaged since it was written"


@dataclass(frozen=True)
class JournalEntry:
    """One line of the journal: a response, and its question for readers."""

    question_id: str
    retriever: str
    repeat: int
    response: Response


@cache
def _json_entry() -> TypeAdapter[JournalEntry]:
    return TypeAdapter(JournalEntry)


class Journal:
    """An open journal at `path`. `responses` holds the newest final response, by key."""

    def __init__(
        self,
        path: Path,
        handle: BinaryIO,
        entries: Iterator[Response],
        retried: Collection[str] | None,
    ) -> None:
        self.path = path
        self._handle = handle
        self._synced = time.monotonic()
        self._retried = retried
        self._spans: dict[str, list[RequestSpan]] = defaultdict(list)
        self.responses: dict[str, Response] = {}
        for response in entries:
            self._note(response)

    def append(self, entry: JournalEntry) -> None:
        """Write one answer to disk. Errors are written too, but only reused if they are final."""
        self._handle.write(_with_checksum(dump_json(asdict(entry)).encode()) + b"\n")
        self._handle.flush()
        if time.monotonic() >= self._synced + _SYNC_SECONDS:
            self.sync()
        self._note(entry.response)

    def take_over(self, keys: Collection[str]) -> int:
        """Copy final answers with these keys from other journals, and return their number.

        Damaged lines are skipped here, and reported by the job that owns the journal.
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
        """Sync to disk, against power failures."""
        os.fsync(self._handle.fileno())
        self._synced = time.monotonic()

    def seconds_per_answer(self, own_runs: Collection[str]) -> dict[tuple[str, str], float]:
        """Wall-clock share of each answer, errors included, by run and key.

        Runs not in `own_runs` wrote to other journals, from which answers were taken over; their
        clock is shared with the other answers there.
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
        if _is_final(response, self._retried):
            self.responses[response.key] = response

    def _time(self, response: Response) -> None:
        if response.run is not None and response.finished_seconds is not None:
            span = RequestSpan(response.key, response.latency_seconds, response.finished_seconds)
            self._spans[response.run].append(span)


@contextmanager
def open_journal(path: Path, retried: Collection[str] | None = None) -> Iterator[Journal]:
    """Read the journal at `path`, and open it for appending with an exclusive lock.

    `retried` are the error classes that are not final; None: all.

    A torn last line (the writer was killed) is cut off with a warning. Any other damaged line
    raises InputError, as it would be lost silently otherwise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{path}: another run is writing this journal; wait for it or stop it"
            ) from None
        _cut_torn_line(handle, path)
        handle.seek(0)
        journal = Journal(path, handle, _entries(handle, path), retried)
        try:
            yield journal
        finally:
            journal.sync()


def read_journal(path: Path) -> dict[str, Response]:
    """The newest final response by key, of a journal that may be in use; empty if missing.

    Read-only: a torn last line is skipped. Raises InputError as `open_journal` does.
    """
    if not path.exists():
        return {}
    data = path.read_bytes()
    lines = io.BytesIO(data[: data.rfind(b"\n") + 1])
    return {entry.key: entry for entry in _entries(lines, path) if _is_final(entry, None)}


def _cut_torn_line(handle: BinaryIO, path: Path) -> None:
    handle.seek(0)
    data = handle.read()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        handle.truncate(whole)
        log.warning("%s: dropped a torn last line (%d bytes)", path, len(data) - whole)


def _is_final(response: Response, retried: Collection[str] | None) -> bool:
    """Whether it is an answer, a missing row of a submission, or an error that is not retried."""
    if response.error_class in (None, Status.MISSING):
        return True
    return retried is not None and response.error_class not in retried


def _with_checksum(entry: bytes) -> bytes:
    return entry[:-1] + _CHECKSUM % zlib.crc32(entry) + b"}"


def _checked(line: bytes) -> bytes | None:
    """The entry of a line; None if its checksum is missing or wrong."""
    line = line.rstrip(b"\r\n")
    entry = line[:-_CHECKSUM_LENGTH] + b"}"
    return entry if _with_checksum(entry) == line else None


def _entries(handle: BinaryIO, path: Path) -> Iterator[Response]:
    for number, line in enumerate(handle, start=1):
        entry = _checked(line)
        try:
            if entry is None:
                raise ValueError(_DAMAGED)
            response = _json_entry().validate_json(entry).response
        except ValueError:
            raise InputError(
                f"{path}:{number}: {_DAMAGED}; remove this line (or the whole file, to generate "
                "all answers again)"
            ) from None
        yield response


def journals_beside(path: Path) -> Iterator[Path]:
    """The other journals of the same dataset."""
    above = (folder for folder in list(path.parents)[:_DEEPEST] if folder.name == _FOLDER)
    folder = next(above, path.parent)
    yield from (other for other in sorted(folder.rglob("*.jsonl")) if other != path)


def _entries_of(
    path: Path, field: re.Pattern[bytes], values: Collection[str]
) -> Iterator[JournalEntry]:
    """The entries with these keys or runs, newest first, in a journal that may be in use."""
    wanted = {value.encode() for value in values}
    for line in reversed(path.read_bytes().split(b"\n")):
        value = field.search(line)
        entry = _checked(line) if value and value[1] in wanted else None
        if entry is not None:
            try:
                yield _json_entry().validate_json(entry)
            except ValueError:
                log.warning("%s: skipped a damaged line", path)
