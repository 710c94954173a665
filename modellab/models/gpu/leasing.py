"""The lease: GPUs for one job, for as long as a block runs.

with lease(1, job="predictions qwen3-8b"):
    import torch
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modellab.core.errors import InputError
from modellab.models.gpu.claims import Claim
from modellab.models.gpu.locks import shared_folder
from modellab.models.gpu.nvml import ask_driver
from modellab.models.gpu.pool import VISIBLE, find_pool, visible_entries
from modellab.models.gpu.waiting import Pace, hold

#: the GPUs of this process, innermost last
_held: list[Lease] = []
#: set inside a job of the SLURM scheduler, which has chosen the GPUs
SLURM = "SLURM_JOB_ID"


@dataclass(frozen=True)
class Lease:
    """The GPUs of a job, as CUDA_VISIBLE_DEVICES names them.

    A child that shall keep the GPUs when this process ends gets `subprocess.Popen(...,
    pass_fds=lease.fds)`.
    """

    devices: tuple[str, ...] = ()
    fds: tuple[int, ...] = ()


@contextmanager
def lease(
    n: int,
    *,
    job: str,
    pool: Sequence[str | int] | None = None,
    folder: Path | None = None,
    slots_per_gpu: int = 1,
    pace: Pace = Pace(),  # noqa: B008 (it is frozen)
) -> Iterator[Lease]:
    """Hold `n` GPUs and set CUDA_VISIBLE_DEVICES to them for the block; wait until they are free.

    Take it before CUDA starts in this process (RuntimeError otherwise). `slots_per_gpu` = k lets
    k such jobs share a GPU. 0 GPUs hides all GPUs. In a SLURM job the scheduler's choice is
    kept. While it waits, it says now and then who holds the GPUs.

    Raises InputError where the claim can never be met: more GPUs than there are, a GPU that is
    not in this machine, a lock folder that cannot be written.
    """
    if n < 0 or slots_per_gpu < 1:
        raise ValueError(f"lease of {n} GPUs with {slots_per_gpu} slots each")
    _refuse_started_cuda()
    held = _given(n, job) or _locked(n, job, pool, folder, slots_per_gpu, pace)
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
    """The lease that this process holds now; one of no GPU where it holds none."""
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
    # the driver numbers by place on the bus, CUDA by speed unless this is set
    return {VISIBLE: listed, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def gpus_wanted(need: int, optional: bool) -> int:
    """`need`; 0 for a job that runs without a GPU too, where this process can have none."""
    there = visible_entries() if SLURM in os.environ else find_pool().gpus
    return need if there or not optional else 0


def _given(n: int, job: str) -> Lease | None:
    """The lease that needs no lock: of no GPU, or of the GPUs that SLURM has chosen."""
    if n == 0:
        return Lease()
    return _scheduled(n, job) if SLURM in os.environ else None


def _locked(
    n: int,
    job: str,
    pool: Sequence[str | int] | None,
    folder: Path | None,
    slots_per_gpu: int,
    pace: Pace,
) -> Lease:
    found = find_pool(pool)
    if n > len(found.gpus):
        raise InputError(f"{job}: needs {_gpus(n)}, but the pool {found}")
    held = hold(shared_folder(folder), Claim(n, found.gpus, job, slots_per_gpu), pace)
    return Lease(held.gpus, held.descriptors)


def _scheduled(n: int, job: str) -> Lease:
    """All GPUs that SLURM has given to this job; it keeps other jobs off them."""
    given = visible_entries()
    if len(given) < n:
        got = f"{VISIBLE}={os.environ[VISIBLE]!r}" if VISIBLE in os.environ else f"no {VISIBLE}"
        raise InputError(f"{job}: needs {_gpus(n)}, but SLURM gave {len(given)} ({got})")
    return Lease(tuple(given))


def _gpus(n: int) -> str:
    return f"{n} GPU" if n == 1 else f"{n} GPUs"


def _refuse_started_cuda() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        raise RuntimeError("CUDA has started in this process: take the lease before")


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
