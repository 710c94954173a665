"""Fingerprints of what a result depends on: plain data and files. Of code: `core.code`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

#: bytes: files up to this size are read as a whole; of larger ones samples
_WHOLE, _SAMPLE = 100_000_000, 2**20


def digest(value: Any) -> str:
    """SHA-256 of plain JSON data, the same for equal data whatever the order of keys.

    Raises TypeError for anything that is not plain JSON: an object's text form may hold an
    address, and would make a key that never matches again.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def content_digest(path: Path) -> str:
    """SHA-256 of a file's content, or of all files of a folder with their names.

    Of a file of more than 100 MB, such as a model's weights, it is that of its size and of 1 MiB
    each of its beginning, middle and end. Hidden files and folders do not count.
    """
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        names = {file.relative_to(path).as_posix(): file for file in files}
        shown = {n: file for n, file in names.items() if not n.startswith(".") and "/." not in n}
        return digest({name: content_digest(file) for name, file in shown.items()})
    size = path.stat().st_size
    if size <= _WHOLE:
        return file_digest(path)
    parts = hashlib.sha256(str(size).encode())
    with path.open("rb") as handle:
        for start in (0, size // 2, size - _SAMPLE):
            handle.seek(start)
            parts.update(handle.read(_SAMPLE))
    return parts.hexdigest()
