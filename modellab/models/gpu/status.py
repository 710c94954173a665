"""Which job uses which GPU, and which jobs wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil

from modellab.models.gpu import locks
from modellab.models.gpu.devices import FAKE, Gpu, Pool, ask_driver, find_pool


@dataclass(frozen=True)
class Slot:
    """A part of a GPU: free, or held by a job."""

    gpu: str
    share: Fraction
    holder: locks.Holder | None = None

    @property
    def orphaned(self) -> bool:
        """Whether the process that took it has ended, and a child keeps the GPU."""
        return self.holder is not None and not psutil.pid_exists(self.holder.pid)


@dataclass(frozen=True)
class Status:
    """The slots of the pool and of all other GPUs in use; the claims, oldest first."""

    pool: Pool
    slots: Sequence[Slot]
    waiting: Sequence[locks.Waiting]
    gpus: Mapping[str, Gpu]


def status() -> Status:
    """The leases as of now. Raises InputError as a lease does."""
    pool, folder = find_pool(), locks.shared_folder()
    with locks.folder_errors(folder), locks.gate(folder):
        found = [slot for gpu in pool.gpus for slot in _slots(folder, gpu)]
        others = [gpu for gpu in locks.known_gpus(folder) if gpu not in pool.gpus]
        found += [slot for gpu in others for slot in _slots(folder, gpu) if slot.holder]
        waiting = list(locks.waiting_claims(folder))
    made_up = all(slot.gpu.startswith(FAKE) for slot in found)
    known = {} if made_up else {gpu.uuid: gpu for gpu in ask_driver().gpus}
    return Status(pool, found, waiting, known)


def _slots(folder: Path, gpu: str) -> Iterator[Slot]:
    left = Fraction(1)
    for holder in locks.holders(folder, gpu):
        left -= holder.share
        yield Slot(gpu, holder.share, holder)
    if left > 0:
        yield Slot(gpu, left)
