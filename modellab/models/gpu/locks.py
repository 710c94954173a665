"""Locked files in the folder that all processes of a user share on one machine.

A lock is a `flock` of the filelock package: the kernel drops it when the last process that holds
the open file ends, however it ends. A file that nobody holds locked means nothing, whatever its
content. The descriptors are our own, as a child that inherits one keeps its GPU.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, lock_descriptor

from modellab.core.errors import InputError

FOLDER = "MODELLAB_GPU_FOLDER"


def shared_folder(chosen: Path | None = None) -> Path:
    """The folder of the locks: `chosen`, else MODELLAB_GPU_FOLDER, else one of this user's in /tmp.

    Raises InputError where it cannot be made or is another user's.
    """
    # Not TMPDIR or XDG_RUNTIME_DIR: they differ between a terminal, cron and a workflow's jobs,
    # and the second is emptied at logout. Two folders would mean two jobs on one GPU.
    default = f"/tmp/modellab-gpus-{os.getuid()}"  # noqa: S108
    path = chosen or Path(os.environ.get(FOLDER) or default)
    with folder_trouble(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    if found.st_uid != os.getuid():
        raise InputError(f"GPU lock folder {path}: belongs to another user; set {FOLDER}")
    if found.st_mode & 0o022:
        raise InputError(f"GPU lock folder {path}: others may write in it; chmod 700 it")
    return path


@contextmanager
def folder_trouble(path: Path) -> Iterator[None]:
    """Tell a failure of the file system in one line."""
    try:
        yield
    except OSError as error:
        reason = f"{error.strerror}; make it writable or name another one in {FOLDER}"
        raise InputError(f"GPU lock folder {path}: {reason}") from error


def open_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def is_locked(path: Path) -> bool:
    """Whether some process holds the file; only for use under the gate."""
    descriptor = open_file(path)
    try:
        return not lock_descriptor(descriptor, blocking=False)
    finally:
        os.close(descriptor)


def gate(folder: Path) -> FileLock:
    """One process at a time looks at and changes the locks: for milliseconds only."""
    return FileLock(folder / "gate", mode=0o600, poll_interval=0.005, is_singleton=False)


def guard(folder: Path) -> int:
    """Hold the folder itself: the cleaners of temporary files leave a locked folder alone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    # shared by all jobs, which filelock has no lock for
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def locked_file(path: Path, record: dict[str, Any]) -> int | None:
    """Lock a file and write who holds it; None where another process has it."""
    descriptor = open_file(path)
    try:
        if lock_descriptor(descriptor, blocking=False):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(record).encode(), 0)
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def read_record(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record
