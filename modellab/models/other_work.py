"""Load of other processes while a model answered, so that disturbed times are recognisable."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import psutil

from modellab.models.energy import visible_gpus

#: more busy cores than this are more than the background of an idle system
QUIET_CORES = 0.25
#: processor time is counted in hundredths of a second: shorter spans are too coarse
SHORTEST_SECONDS = 1.0
#: states of a processor in which it does no work
_IDLE = ("idle", "iowait", "guest", "guest_nice")


class CpuTimes(NamedTuple):
    """Seconds since some moment: of the clock, of all busy processors, of those for this job."""

    clock: float
    machine: float
    own: float


@dataclass
class OtherWork:
    """Work of others beside this job, over the seconds that were watched.

    `cpu_seconds` is the processor time of everything but this process and its children;
    `gpu_processes` the highest number of other processes on a GPU that it uses, None without a GPU
    or where the driver does not list them.
    """

    watched_seconds: float = 0.0
    cpu_seconds: float = 0.0
    gpu_processes: int | None = None

    @property
    def cores(self) -> float | None:
        """Average number of processor cores that worked for others."""
        return self.cpu_seconds / self.watched_seconds if self.watched_seconds else None

    @property
    def alone(self) -> bool | None:
        """Whether this job had the machine to itself; None where it was too short to tell."""
        if self.gpu_processes:
            return False
        if self.cores is None or self.watched_seconds < SHORTEST_SECONDS:
            return None
        return self.cores < QUIET_CORES

    def add(self, before: CpuTimes, after: CpuTimes) -> None:
        self.watched_seconds += after.clock - before.clock
        others = (after.machine - before.machine) - (after.own - before.own)
        self.cpu_seconds += max(0.0, others)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Add what others do during the block."""
        before = _cpu_times()
        try:
            yield
        finally:
            self.add(before, _cpu_times())
            beside = _processes_beside()
            if beside is not None:
                self.gpu_processes = max(beside, self.gpu_processes or 0)


def _cpu_times() -> CpuTimes:
    states = psutil.cpu_times()._asdict()
    busy = sum(seconds for state, seconds in states.items() if state not in _IDLE)
    me = psutil.Process()
    own = sum(me.cpu_times()[:4])  # user and system, of itself and of children that have ended
    for child in me.children(recursive=True):
        try:
            own += sum(child.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return CpuTimes(time.perf_counter(), busy, own)


def _processes_beside() -> int | None:
    """The most processes on one visible GPU, without this one; None where it uses none."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    from pynvml import NVMLError, nvmlDeviceGetComputeRunningProcesses

    counts: list[int] = []
    for device in visible_gpus():
        try:
            counts.append(len(nvmlDeviceGetComputeRunningProcesses(device)))
        except NVMLError:
            return None
    # in a container the driver may not see even this process
    most = max(counts, default=0)
    return most - 1 if most else None
