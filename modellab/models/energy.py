"""Energy of the GPUs that this process may use, where there is a meter."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Any

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
