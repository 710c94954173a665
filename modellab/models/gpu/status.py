"""Who uses which GPU, and who waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil

from modellab.models.gpu import queue, slots
from modellab.models.gpu.locks import folder_trouble, gate, shared_folder
from modellab.models.gpu.nvml import Gpu, ask_driver
from modellab.models.gpu.pool import FAKE, Pool, find_pool
from modellab.models.gpu.queue import Waiting
from modellab.models.gpu.slots import Holder


@dataclass(frozen=True)
class Slot:
    """A part of a GPU: free, or held by a job."""

    gpu: str
    share: Fraction
    holder: Holder | None = None

    @property
    def orphaned(self) -> bool:
        """Whether the process that took it has ended, and a child keeps the GPU."""
        return self.holder is not None and not psutil.pid_exists(self.holder.pid)


@dataclass(frozen=True)
class Status:
    """The slots of the pool and of all other GPUs in use; the claims, oldest first."""

    pool: Pool
    slots: Sequence[Slot]
    waiting: Sequence[Waiting]
    gpus: Mapping[str, Gpu]


def status(folder: Path | None = None) -> Status:
    """The leases as of now. Raises InputError as a lease does."""
    pool, path = find_pool(), shared_folder(folder)
    with folder_trouble(path), gate(path):
        found = [slot for gpu in pool.gpus for slot in _slots(path, gpu)]
        others = [gpu for gpu in slots.known_gpus(path) if gpu not in pool.gpus]
        found += [slot for gpu in others for slot in _slots(path, gpu) if slot.holder]
        waiting = list(queue.ahead_of(path))
    return Status(pool, found, waiting, _known({slot.gpu for slot in found}))


def _slots(folder: Path, gpu: str) -> Iterator[Slot]:
    left = Fraction(1)
    for holder in slots.holders(folder, gpu):
        left -= holder.share
        yield Slot(gpu, holder.share, holder)
    if left > 0:
        yield Slot(gpu, left)


def _known(names: set[str]) -> dict[str, Gpu]:
    """What the driver knows of the GPUs; nothing of made-up ones."""
    if all(name.startswith(FAKE) for name in names):
        return {}
    return {gpu.uuid: gpu for gpu in ask_driver().gpus}
