"""One job at a time on a server: two would unload each other's model."""

from __future__ import annotations

import getpass
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from modellab.core.fingerprint import digest

log = logging.getLogger(__name__)


@contextmanager
def server_turn(url: str) -> Iterator[None]:
    """Wait until no other job of this user on this machine uses the server at `url`.

    A job that is killed gives its turn back with its end.
    """
    folder = Path(tempfile.gettempdir()) / f"modellab-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    turn = FileLock(folder / f"ollama-{digest(url)[:16]}.lock")
    try:
        turn.acquire(timeout=0)
    except Timeout:
        log.warning("%s: waiting until another job is done with this server", url)
        turn.acquire()
    try:
        yield
    finally:
        turn.release()
