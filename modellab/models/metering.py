"""Meters of a run: the energy of its GPUs, and the load of other processes beside it."""

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Any, NamedTuple

import psutil

from modellab.models.gpu.devices import VISIBLE, visible_entries

log = logging.getLogger(__name__)

#: seconds between two samples of the power, where the GPU has no energy counter
SAMPLE_SECONDS = 0.5


@dataclass
class Energy:
    """Energy of a block in watt-hours, and the method of measuring; None without a meter."""

    watt_hours: float | None = None
    method: str | None = None


@contextmanager
def measured_energy() -> Iterator[Energy]:
    """Measure the visible NVIDIA GPUs over the block; the result is filled in at its end.

    The GPU's own counter is read where it has one, else the power is sampled and summed up.
    Without an NVIDIA driver nothing is measured. The power of an idle GPU counts: it was held.
    """
    energy = Energy()
    devices = visible_gpus()
    if not devices:
        yield energy
        return
    counters = [_counter(device) for device in devices]
    sampler = None if all(c is not None for c in counters) else _Sampler(devices)
    try:
        yield energy
    finally:
        if sampler:
            energy.watt_hours, energy.method = sampler.stop(), "power_sampling"
        else:
            ends = [_counter(device) for device in devices]
            used = [e - s for s, e in zip(counters, ends, strict=True) if s is not None and e]
            energy.watt_hours, energy.method = sum(used) / 3.6e6, "nvml_counter"


@dataclass(frozen=True)
class EnergyUsed:
    """Watt-hours over the `metered` runs of all `runs` that made a model's answers."""

    watt_hours: float
    metered: int
    runs: int
    generated: int

    @property
    def complete(self) -> bool:
        """Whether all of them had a meter and ended regularly."""
        return self.metered == self.runs


def energy_used(run: Mapping[str, Any]) -> EnergyUsed | None:
    """Energy of all runs in a model's run record; None where none was metered.

    `generated` counts the answers that the metered runs made.
    """
    runs = run.get("runs") or ()
    metered = [one for one in runs if (one.get("energy") or {}).get("watt_hours") is not None]
    if not metered:
        return None
    return EnergyUsed(
        watt_hours=fsum(float(one["energy"]["watt_hours"]) for one in metered),
        metered=len(metered),
        runs=len(runs),
        generated=sum(int(one["generated"]) for one in metered),
    )


def trapezoid(samples: Sequence[tuple[float, float]]) -> float:
    """Watt-hours of (seconds, watts) samples, by the trapezoidal rule."""
    areas = ((t1 - t0) * (p0 + p1) / 2 for (t0, p0), (t1, p1) in pairwise(samples))
    return sum(areas) / 3600


class _Sampler:
    """Reads the summed power of the devices in a thread until it is stopped."""

    def __init__(self, devices: Sequence[Any]) -> None:
        self._devices = devices
        self._samples: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._ended.set()
        self._thread.join()
        return trapezoid(self._samples)

    def _run(self) -> None:
        from pynvml import nvmlDeviceGetPowerUsage

        while True:
            watts = sum(nvmlDeviceGetPowerUsage(device) for device in self._devices) / 1000
            self._samples.append((time.monotonic(), watts))
            if self._ended.wait(SAMPLE_SECONDS):
                return


def _counter(device: Any) -> int | None:
    """Millijoules since the driver was loaded; None where the GPU does not count them."""
    from pynvml import NVMLError, nvmlDeviceGetTotalEnergyConsumption

    try:
        return int(nvmlDeviceGetTotalEnergyConsumption(device))
    except NVMLError:
        return None


def visible_gpus() -> list[Any]:
    """Handles of the GPUs named in CUDA_VISIBLE_DEVICES, or of all; none without a driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    every = [str(index) for index in range(pynvml.nvmlDeviceGetCount())]
    names = visible_entries() if VISIBLE in os.environ else every
    by_index, by_uuid = pynvml.nvmlDeviceGetHandleByIndex, pynvml.nvmlDeviceGetHandleByUUID
    try:
        return [by_index(int(name)) if name.isdigit() else by_uuid(name) for name in names]
    except pynvml.NVMLError as error:
        log.warning("energy is not measured: %s=%s: %s", VISIBLE, ",".join(names), error)
        return []


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
