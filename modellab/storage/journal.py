"""The journal: every answer on disk the moment it exists.

One JSON line per answer, appended and flushed, so that a kill at any moment costs at most what
was in flight. Entries are found again by their key, which names all that decides the answer.
"""

from __future__ import annotations

import fcntl
import io
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import TypeAdapter, ValidationError

from modellab.errors import InputError
from modellab.records import Response, Status
from modellab.storage.jsonl import dump_json

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One line of the journal: a response, and for readers what it was asked for."""

    question_id: str
    retriever: str
    repeat: int
    response: Response


class Journal:
    """An open journal. `responses` holds the newest final response, by key."""

    def __init__(
        self, handle: BinaryIO, responses: dict[str, Response], asked_again: Collection[str] | None
    ) -> None:
        self._handle = handle
        self._asked_again = asked_again
        self.responses = responses

    def append(self, entry: Entry) -> None:
        """Put one answer on disk. Errors are written too, and reused only if they are final."""
        self._handle.write(dump_json(asdict(entry)).encode() + b"\n")
        self._handle.flush()
        if _is_final(entry.response, self._asked_again):
            self.responses[entry.response.key] = entry.response


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
        yield Journal(handle, _responses(handle, path, asked_again), asked_again)


def read_journal(path: Path) -> dict[str, Response]:
    """The newest final response by key, of a journal that may be in use; empty where none is.

    Changes nothing: a last line without an end is passed over. Raises InputError as
    `open_journal` does.
    """
    if not path.exists():
        return {}
    data = path.read_bytes()
    return _responses(io.BytesIO(data[: data.rfind(b"\n") + 1]), path, None)


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


def _responses(
    handle: BinaryIO, path: Path, asked_again: Collection[str] | None
) -> dict[str, Response]:
    adapter = TypeAdapter(Entry)
    found: dict[str, Response] = {}
    for number, line in enumerate(handle, start=1):
        try:
            response = adapter.validate_json(line).response
        except ValidationError:
            raise InputError(
                f"{path}:{number}: not a journal entry; remove this line (or the whole file, "
                "to generate all answers again)"
            ) from None
        if _is_final(response, asked_again):
            found[response.key] = response
    return found
