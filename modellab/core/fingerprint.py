"""Fingerprints of what a result depends on: plain data and files. Of code: `core.code`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


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
