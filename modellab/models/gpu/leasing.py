"""The lease: GPUs for one job, for as long as a block runs.

with lease(1, job="predictions qwen3-8b"):
    import torch

A claim gets all of its GPUs or none, and takes only GPUs that no earlier waiting claim could take.
So a claim of two GPUs collects them as they come free, however many claims of one GPU arrive behind
it; those that may use other GPUs go on. The oldest claim waits for holders only, never for a claim.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import psutil

from modellab.core.errors import InputError
from modellab.core.progress import PROGRESS
from modellab.models.gpu import locks
from modellab.models.gpu.devices import (
    FAKE,
    VISIBLE,
    Gpu,
    Pool,
    ask_driver,
    find_pool,
    visible_entries,
)

log = logging.getLogger(PROGRESS)

#: set inside a job of the SLURM scheduler, which has chosen the GPUs
SLURM = "SLURM_JOB_ID"


@dataclass(frozen=True)
class Pace:
    """How often a waiting claim checks the GPUs, and how often it logs what it waits for."""

    poll_seconds: float = 0.1
    log_every_seconds: float = 600.0


@dataclass(frozen=True)
class Claim:
    """`n` different GPUs of `gpus`, on each 1/`slots_per_gpu` of it, for `job`."""

    n: int
    gpus: tuple[str, ...]
    job: str
    slots_per_gpu: int


@dataclass(frozen=True)
class Lease:
    """The GPUs of a job, as CUDA_VISIBLE_DEVICES names them, and the descriptors that hold them.

    A child that shall keep the GPUs when this process ends gets `subprocess.Popen(...,
    pass_fds=lease.fds)`.
    """

    devices: tuple[str, ...] = ()
    fds: tuple[int, ...] = ()


#: the leases of this process, innermost last
_held: list[Lease] = []


@contextmanager
def lease(
    n: int,
    *,
    job: str,
    pool: Sequence[str | int] | None = None,
    folder: Path | None = None,
    slots_per_gpu: int = 1,
    pace: Pace = Pace(),
) -> Iterator[Lease]:
    """Hold `n` GPUs and set CUDA_VISIBLE_DEVICES to them for the block; wait until they are free.

    Take it before CUDA starts in this process (RuntimeError otherwise). `slots_per_gpu` = k lets
    k such jobs share a GPU. 0 GPUs hides all GPUs. In a SLURM job the scheduler's choice is
    kept. While it waits, it logs now and then who holds the GPUs.

    Raises InputError where the claim can never be met: more GPUs than there are, a GPU that is
    not in this machine, a lock folder that cannot be written.
    """
    if n < 0 or slots_per_gpu < 1:
        raise ValueError(f"lease of {n} GPUs with {slots_per_gpu} slots each")
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        raise RuntimeError("CUDA has started in this process: take the lease before")
    if n == 0:
        held = Lease()
    elif SLURM in os.environ:
        held = _scheduled(n, job)
    else:
        found = find_pool(pool)
        if n > len(found.gpus):
            raise InputError(f"{job}: needs {_gpus(n)}, but the pool {found}")
        held = _hold(locks.shared_folder(folder), Claim(n, found.gpus, job, slots_per_gpu), pace)
    try:
        with _visible(held.devices):
            _held.append(held)
            try:
                yield held
            finally:
                _held.remove(held)
    finally:
        for descriptor in held.fds:
            os.close(descriptor)


def current_lease() -> Lease:
    """The current lease of this process; without GPUs if there is none."""
    return _held[-1] if _held else Lease()


def numbered_devices() -> dict[str, str]:
    """Variables that name the GPUs of this process by number, for programs that know no UUID.

    Empty where they have no number: none of them, made up, parts of GPUs, or without a driver.
    """
    visible = visible_entries()
    if not visible or not all(name.startswith("GPU-") for name in visible):
        return {}
    numbers = {gpu.uuid: str(gpu.index) for gpu in ask_driver().gpus}
    if not set(visible) <= set(numbers):
        return {}
    listed = ",".join(numbers[name] for name in visible)
    # CUDA numbers GPUs by speed unless this is set, the driver by position on the bus
    return {VISIBLE: listed, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def gpus_wanted(need: int, optional: bool) -> int:
    """`need`; 0 for a job that runs without a GPU too, where this process can have none."""
    there = visible_entries() if SLURM in os.environ else find_pool().gpus
    return need if there or not optional else 0


def local_time(seconds: float) -> str:
    """A moment (seconds since 1970) on this machine's clock."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _scheduled(n: int, job: str) -> Lease:
    """All GPUs that SLURM has given to this job; it keeps other jobs off them."""
    given = visible_entries()
    if len(given) < n:
        got = f"{VISIBLE}={os.environ[VISIBLE]!r}" if VISIBLE in os.environ else f"no {VISIBLE}"
        raise InputError(f"{job}: needs {_gpus(n)}, but SLURM gave {len(given)} ({got})")
    return Lease(tuple(given))


def _gpus(n: int) -> str:
    return f"{n} GPU" if n == 1 else f"{n} GPUs"


@contextmanager
def _visible(devices: Sequence[str]) -> Iterator[None]:
    before = os.environ.get(VISIBLE)
    os.environ[VISIBLE] = ",".join(devices)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = before


def _hold(folder: Path, claim: Claim, pace: Pace) -> Lease:
    """Wait until the claim has its GPUs; one that can have them at once does not wait.

    Raises InputError where the folder cannot be written and where the claim would wait for the
    process that makes it.
    """
    with ExitStack() as undo, locks.folder_errors(folder):
        folder_lock = locks.keep_folder(folder)
        undo.callback(os.close, folder_lock)
        held = _granted_in_turn(folder, claim, pace)
        undo.pop_all()
    os.set_inheritable(folder_lock, True)
    return Lease(held.devices, (*held.fds, folder_lock))


def _granted_in_turn(folder: Path, claim: Claim, pace: Pace) -> Lease:
    with locks.gate(folder):
        held = _grant(folder, claim)
        if held:
            return held
        _refuse_own_gpus(folder, claim)
        ticket = locks.join_queue(folder, claim.n, claim.gpus, claim.job)
    start = log_at = time.monotonic()
    try:
        while True:
            now = time.monotonic()
            with locks.gate(folder):
                held = _grant(folder, claim, ticket)
                reason = None if held or now < log_at else _reason(folder, claim, ticket)
            if held:
                got = ", ".join(held.devices)
                log.info("%s: got %s after %.0f s", claim.job, got, now - start)
                return held
            if reason:
                log.info("%s: %s", claim.job, reason)
                log_at = now + pace.log_every_seconds
            time.sleep(pace.poll_seconds)
    finally:
        os.close(ticket.descriptor)


def _grant(folder: Path, claim: Claim, ticket: locks.Ticket | None = None) -> Lease | None:
    """Take the GPUs if it is the claim's turn and they are free; to be called under the gate.

    Of those with enough room it takes the emptiest.
    """
    mine = set(claim.gpus)
    for earlier in locks.waiting_claims(folder, ticket):
        mine -= set(earlier.gpus)
        if len(mine) < claim.n:
            return None
    loads = {gpu: locks.share_taken(folder, gpu) for gpu in claim.gpus if gpu in mine}
    most = 1 - Fraction(1, claim.slots_per_gpu)
    room = sorted((gpu for gpu in loads if loads[gpu] <= most), key=loads.__getitem__)
    if len(room) < claim.n:
        return None
    gpus = tuple(gpu for gpu in claim.gpus if gpu in room[: claim.n])
    holder = locks.Holder(os.getpid(), claim.job, time.time(), claim.slots_per_gpu)
    with ExitStack() as undo:
        descriptors = []
        for gpu in gpus:
            descriptors.append(locks.take_slot(folder, gpu, holder))
            undo.callback(os.close, descriptors[-1])
        undo.pop_all()
    return Lease(gpus, tuple(descriptors))


def _refuse_own_gpus(folder: Path, claim: Claim) -> None:
    """Raise InputError where the claim would wait for the process that makes it, or a parent."""
    me = psutil.Process()
    family = {me.pid, *(parent.pid for parent in me.parents())}
    own = [
        gpu
        for gpu in claim.gpus
        if any(holder.pid in family for holder in locks.holders(folder, gpu))
    ]
    if len(claim.gpus) - len(own) < claim.n:
        raise InputError(
            f"{claim.job}: would wait for itself: this process or a parent already holds "
            f"{', '.join(own)}; take all GPUs in one lease"
        )


def _reason(folder: Path, claim: Claim, ticket: locks.Ticket) -> str:
    """One line: the GPUs that it waits for, their holders, and the number of earlier claims."""
    users = [
        f"{gpu}: {holder.job} (pid {holder.pid}, since {local_time(holder.since)})"
        for gpu in claim.gpus
        for holder in locks.holders(folder, gpu)
    ]
    first = len(list(locks.waiting_claims(folder, ticket)))
    return (
        f"waiting for {claim.n} of {len(claim.gpus)} GPUs; {first} claims come first; "
        f"in use: {'; '.join(users) or 'none'}"
    )


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
class PoolStatus:
    """The slots of the pool and of all other GPUs in use; the claims, oldest first."""

    pool: Pool
    slots: Sequence[Slot]
    waiting: Sequence[locks.Waiting]
    gpus: Mapping[str, Gpu]


def status() -> PoolStatus:
    """The leases as of now. Raises InputError as a lease does."""
    pool, folder = find_pool(), locks.shared_folder()
    with locks.folder_errors(folder), locks.gate(folder):
        found = [slot for gpu in pool.gpus for slot in _slots(folder, gpu)]
        others = [gpu for gpu in locks.known_gpus(folder) if gpu not in pool.gpus]
        found += [slot for gpu in others for slot in _slots(folder, gpu) if slot.holder]
        waiting = list(locks.waiting_claims(folder))
    made_up = all(slot.gpu.startswith(FAKE) for slot in found)
    known = {} if made_up else {gpu.uuid: gpu for gpu in ask_driver().gpus}
    return PoolStatus(pool, found, waiting, known)


def _slots(folder: Path, gpu: str) -> Iterator[Slot]:
    left = Fraction(1)
    for holder in locks.holders(folder, gpu):
        left -= holder.share
        yield Slot(gpu, holder.share, holder)
    if left > 0:
        yield Slot(gpu, left)
