"""One job at a time on a server: two would unload each other's model."""

from __future__ import annotations

import fcntl
import getpass
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modellab.core.fingerprint import digest

log = logging.getLogger(__name__)


@contextmanager
def server_turn(url: str) -> Iterator[None]:
    """Wait until no other job of this user on this machine uses the server at `url`.

    A job that is killed gives its turn back with its end.
    """
    folder = Path(tempfile.gettempdir()) / f"modellab-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / f"ollama-{digest(url)[:16]}.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("%s: waiting until another job is done with this server", url)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
