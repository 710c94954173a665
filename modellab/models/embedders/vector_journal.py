"""Vectors that were made once: on disk the moment they exist, found again by their text.

A file per model: a first line of JSON with the model's fingerprint and the vectors' length, then
records of a text's SHA-256 and its vector (float32). Jobs that run at the same time share it.
A file beside it has the time that the vectors of questions took, for searches that find them there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest

if TYPE_CHECKING:
    import numpy as np

    from modellab.models.embedders.protocol import Vectors

log = logging.getLogger(__name__)

_KEY_BYTES = 32
_FLOAT_BYTES = 4


class VectorJournal:
    """The vectors that one model made. `fingerprint` names all that decides them."""

    def __init__(self, folder: Path, fingerprint: Mapping[str, Any]) -> None:
        self.path = folder / f"{digest(fingerprint)}.vectors"
        self._seconds = self.path.with_suffix(".seconds")
        self.fingerprint = fingerprint

    def find(self, texts: Sequence[str]) -> tuple[Vectors | None, list[int]]:
        """Rows for all texts, and which of them are not known (their rows are zeros).

        None means an empty journal, which does not know how long its vectors are.
        """
        import numpy as np

        if not self.path.exists():
            return None, list(range(len(texts)))
        with self._locked("rb", fcntl.LOCK_SH) as handle:
            dimensions = self._dimensions(handle)
            data = handle.read()
        kind = _record(dimensions)
        records = np.frombuffer(data[: len(data) - len(data) % kind.itemsize], dtype=kind)
        rows = {key.tobytes(): row for row, key in enumerate(records["key"])}
        places = [rows.get(_key(text)) for text in texts]
        found = np.zeros((len(texts), dimensions), dtype=np.float32)
        here = {index: place for index, place in enumerate(places) if place is not None}
        found[list(here)] = records["vector"][list(here.values())]
        return found, [index for index, place in enumerate(places) if place is None]

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Put vectors (texts, dimensions) on disk.

        Raises InputError when they are not as long as those that are there.
        """
        import numpy as np

        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked("a+b", fcntl.LOCK_EX) as handle:
            self._begin(handle, vectors.shape[1])
            records = np.empty(len(texts), dtype=_record(vectors.shape[1]))
            records["key"] = np.frombuffer(b"".join(map(_key, texts)), dtype=f"V{_KEY_BYTES}")
            records["vector"] = vectors
            handle.write(records.tobytes())

    def note_seconds(self, texts: Sequence[str], seconds: float) -> None:
        """Keep the time that these vectors took together."""
        line = {"seconds": seconds, "texts": [_key(text).hex() for text in texts]}
        with self._seconds.open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # on a new line, whatever a killed writer left incomplete
            handle.write(b"\n" + json.dumps(line).encode() + b"\n")

    def seconds_of(self, texts: Sequence[str]) -> float | None:
        """The time for the vectors of these texts (equal within a batch); None where one is new."""
        if not self._seconds.exists():
            return None if texts else 0.0
        each: dict[str, float] = {}
        with self._seconds.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            lines = handle.read().split(b"\n")
        for line in filter(None, lines):
            try:
                batch = json.loads(line)
            except ValueError:
                log.warning("%s: an incomplete line of a killed writer is ignored", self._seconds)
                continue
            each |= dict.fromkeys(batch["texts"], batch["seconds"] / len(batch["texts"]))
        found = [each.get(_key(text).hex()) for text in texts]
        known = [seconds for seconds in found if seconds is not None]
        return fsum(known) if len(known) == len(found) else None

    def _begin(self, handle: BinaryIO, dimensions: int) -> None:
        """Write the first line, or check it; cut off an incomplete record of a killed writer."""
        handle.seek(0, 2)
        if handle.tell() == 0:
            head = {"fingerprint": self.fingerprint, "dimensions": dimensions}
            handle.write(json.dumps(head, ensure_ascii=False, sort_keys=True).encode() + b"\n")
            return
        known = self._dimensions(handle)
        if known != dimensions:
            raise InputError(
                f"{self.path}: holds vectors of {known} dimensions, and the model now gives "
                f"{dimensions}: it is not the same model any more; delete the file to start again"
            )
        start = handle.tell()
        torn = (handle.seek(0, 2) - start) % (_KEY_BYTES + _FLOAT_BYTES * dimensions)
        if torn:
            log.warning("%s: the last vector was not written whole; cut off", self.path)
            handle.truncate(handle.tell() - torn)

    def _dimensions(self, handle: BinaryIO) -> int:
        """From the first line; leaves the handle behind it."""
        handle.seek(0)
        try:
            return int(json.loads(handle.readline())["dimensions"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{self.path}: not a file of vectors ({error!r}); delete it to start again"
            ) from None

    @contextmanager
    def _locked(self, mode: str, lock: int) -> Iterator[BinaryIO]:
        with self.path.open(mode) as handle:
            fcntl.flock(handle, lock)
            yield handle  # type: ignore[misc]


def _record(dimensions: int) -> np.dtype[np.void]:
    import numpy as np

    return np.dtype([("key", f"V{_KEY_BYTES}"), ("vector", "<f4", (dimensions,))])


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
