"""Users of GPUs and waiting claims: locked files in a folder that all processes of a user share.

A lock is a `flock` of the filelock package: the kernel drops it when the last process that holds
the open file ends, however it ends. A file that nobody holds locked means nothing, whatever its
content. The descriptors are our own, as a child that inherits one keeps its GPU.

`{GPU}.{number}.slot` is held by a job that uses the GPU: with `slots_per_gpu` = k it takes up 1/k
of it, and shares never exceed the whole. `{number}.ticket` is held by a claim that waits.
"""

import fcntl
import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from filelock import FileLock, lock_descriptor

from modellab.core.errors import InputError

FOLDER = "MODELLAB_GPU_FOLDER"


@dataclass(frozen=True)
class Holder:
    """A job that holds a slot, since when (seconds since 1970)."""

    pid: int
    job: str
    since: float
    slots_per_gpu: int

    @property
    def share(self) -> Fraction:
        return Fraction(1, self.slots_per_gpu)


@dataclass(frozen=True)
class Waiting:
    """A claim that waits for `n` of `gpus`, since when (seconds since 1970)."""

    pid: int
    job: str
    since: float
    n: int
    gpus: tuple[str, ...]


@dataclass(frozen=True)
class Ticket:
    """A place in the queue; held until its descriptor is closed."""

    number: int
    descriptor: int


def shared_folder(chosen: Path | None = None) -> Path:
    """The folder of the locks: `chosen`, else MODELLAB_GPU_FOLDER, else one of this user's in /tmp.

    Raises InputError where it cannot be made or is another user's.
    """
    # Not TMPDIR or XDG_RUNTIME_DIR: they differ between a terminal, cron and a workflow's jobs,
    # and the second is emptied at logout. Two folders would mean two jobs on one GPU.
    default = f"/tmp/modellab-gpus-{os.getuid()}"  # noqa: S108
    path = chosen or Path(os.environ.get(FOLDER) or default)
    with folder_errors(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    if found.st_uid != os.getuid():
        raise InputError(f"GPU lock folder {path}: belongs to another user; set {FOLDER}")
    if found.st_mode & 0o022:
        raise InputError(f"GPU lock folder {path}: others may write in it; chmod 700 it")
    return path


@contextmanager
def folder_errors(path: Path) -> Iterator[None]:
    """Report errors of the file system as InputError with the folder."""
    try:
        yield
    except OSError as error:
        reason = f"{error.strerror}; make it writable or name another one in {FOLDER}"
        raise InputError(f"GPU lock folder {path}: {reason}") from error


def gate(folder: Path) -> FileLock:
    """Held for milliseconds by the one process that reads and changes slots and tickets."""
    return FileLock(folder / "gate", mode=0o600, poll_interval=0.005, is_singleton=False)


def keep_folder(folder: Path) -> int:
    """Lock the folder itself, shared by all jobs: cleaners of temporary files skip locked ones."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    # filelock has no shared lock
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def holders(folder: Path, gpu: str) -> list[Holder]:
    """The living holders of a GPU."""
    return [_holder(path) for path in _slot_files(folder, gpu) if _is_locked(path)]


def share_taken(folder: Path, gpu: str) -> Fraction:
    """The part of a GPU that is taken, from 0 to 1."""
    return sum((holder.share for holder in holders(folder, gpu)), Fraction(0))


def take_slot(folder: Path, gpu: str, holder: Holder) -> int:
    """Lock the first free slot of a GPU; closing the descriptor releases it.

    Children may inherit it: a server keeps its GPU when the process that started it ends.
    """
    for number in itertools.count():
        descriptor = _locked_file(_slot_file(folder, gpu, number), asdict(holder))
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
            return descriptor
    raise AssertionError


def known_gpus(folder: Path) -> list[str]:
    """All GPUs that ever had a slot here."""
    names = {path.name.rsplit(".", 2)[0] for path in folder.glob("*.slot")}
    return [unquote(name) for name in sorted(names)]


def join_queue(folder: Path, n: int, gpus: tuple[str, ...], job: str) -> Ticket:
    """Take the last place. Children do not inherit it."""
    number = max((int(path.stem) for path in folder.glob("*.ticket")), default=0) + 1
    waiting = Waiting(os.getpid(), job, time.time(), n, gpus)
    descriptor = _locked_file(folder / f"{number:012d}.ticket", asdict(waiting))
    assert descriptor is not None
    return Ticket(number, descriptor)


def waiting_claims(folder: Path, before: Ticket | None = None) -> Iterator[Waiting]:
    """Waiting claims up to a ticket, the oldest first. Removes tickets of ended processes."""
    for path in sorted(folder.glob("*.ticket")):
        if before is not None and int(path.stem) >= before.number:
            return
        if not _is_locked(path):
            path.unlink()
            continue
        record = _read_record(path)
        yield Waiting(**{**record, "gpus": tuple(record["gpus"])})


def _holder(path: Path) -> Holder:
    """The holder of a slot; a record of another version counts for the whole GPU."""
    try:
        return Holder(**_read_record(path))
    except (ValueError, TypeError):
        return Holder(0, "unknown", path.stat().st_mtime, 1)


def _slot_files(folder: Path, gpu: str) -> Iterator[Path]:
    paths = (_slot_file(folder, gpu, number) for number in itertools.count())
    return itertools.takewhile(Path.exists, paths)


def _slot_file(folder: Path, gpu: str, number: int) -> Path:
    return folder / f"{quote(gpu, safe='')}.{number}.slot"


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_locked(path: Path) -> bool:
    descriptor = _open(path)
    try:
        return not lock_descriptor(descriptor, blocking=False)
    finally:
        os.close(descriptor)


def _locked_file(path: Path, record: dict[str, Any]) -> int | None:
    """Lock a file and write the record of its holder; None where another process has it."""
    descriptor = _open(path)
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


def _read_record(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record
