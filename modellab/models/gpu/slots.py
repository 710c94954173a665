"""The slots of each GPU: files `{GPU}.{number}.slot`, held by the jobs that use the GPU.

A job with `slots_per_gpu` = k takes up 1/k of a GPU. Shares are summed up over the jobs on a
GPU and never exceed the whole: k = 1 is alone on its GPU, whatever others would share.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, unquote

from modellab.models.gpu.locks import is_locked, locked_file, read_record


@dataclass(frozen=True)
class Holder:
    """Who holds a slot, since when (seconds since 1970)."""

    pid: int
    job: str
    since: float
    slots_per_gpu: int

    @property
    def share(self) -> Fraction:
        return Fraction(1, self.slots_per_gpu)


def holders(folder: Path, gpu: str) -> list[Holder]:
    """The living holders of a GPU."""
    return [_holder(path) for path in _files(folder, gpu) if is_locked(path)]


def load(folder: Path, gpu: str) -> Fraction:
    """The part of a GPU that is taken, from 0 to 1."""
    return sum((holder.share for holder in holders(folder, gpu)), Fraction(0))


def take(folder: Path, gpu: str, holder: Holder) -> int:
    """Lock the first free slot of a GPU; the descriptor lets go of it when closed.

    Children may inherit it: a server keeps its GPU when the process that started it ends.
    """
    for number in itertools.count():
        descriptor = locked_file(_file(folder, gpu, number), asdict(holder))
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
            return descriptor
    raise AssertionError


def known_gpus(folder: Path) -> list[str]:
    """All GPUs that ever had a slot here."""
    names = {path.name.rsplit(".", 2)[0] for path in folder.glob("*.slot")}
    return [unquote(name) for name in sorted(names)]


def _holder(path: Path) -> Holder:
    """Who holds a slot; one whose record another version wrote counts for the whole GPU."""
    try:
        return Holder(**read_record(path))
    except (ValueError, TypeError):
        return Holder(0, "unknown", path.stat().st_mtime, 1)


def _files(folder: Path, gpu: str) -> Iterator[Path]:
    paths = (_file(folder, gpu, number) for number in itertools.count())
    return itertools.takewhile(Path.exists, paths)


def _file(folder: Path, gpu: str, number: int) -> Path:
    return folder / f"{quote(gpu, safe='')}.{number}.slot"
