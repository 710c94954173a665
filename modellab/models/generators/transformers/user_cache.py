"""What is remembered on this machine from run to run: small JSON files in the user's cache folder.

Deleting a file forgets what it held and costs nothing but time.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from modellab.core.io.jsonl import write_json

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """`$MODELLAB_CACHE`, else `modellab` in `$XDG_CACHE_HOME`, else `~/.cache/modellab`."""
    named = os.environ.get("MODELLAB_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "modellab"


class Remembered:
    """Plain JSON by text key, in one file of the cache folder that any process may use at once.

    A cache that cannot be read or written is reported in the log; the work goes on without it.
    """

    def __init__(self, name: str) -> None:
        self._path = cache_folder() / f"{name}.json"

    def get(self, key: str) -> Any | None:
        return self._entries().get(key)

    def put(self, key: str, value: Any) -> None:
        try:
            with self._alone():
                write_json(self._path, {**self._entries(), key: value})
        except OSError as error:
            log.warning("%s: cannot be written: %s", self._path, error)

    def _entries(self) -> Mapping[str, Any]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("%s: not used, it cannot be read: %s", self._path, error)
            return {}
        return entries if isinstance(entries, dict) else {}

    def _alone(self) -> FileLock:
        """The lock beside the file: two writers must not lose each other's entries."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"))
