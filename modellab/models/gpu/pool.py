"""The GPUs that this process may choose from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modellab.core.errors import InputError
from modellab.models.gpu.nvml import Driver, ask_driver

POOL = "MODELLAB_GPUS"
VISIBLE = "CUDA_VISIBLE_DEVICES"
#: a GPU whose name begins so is made up, for tests: the driver is never asked for it
FAKE = "fake"
#: at one of these CUDA stops reading the list
_ENDS = ("-1", "NoDevFiles")


@dataclass(frozen=True)
class Pool:
    """GPUs by physical name (a UUID where the driver knows them), and who named them."""

    gpus: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        if not self.gpus:
            return f"has none ({self.source})"
        return f"has {len(self.gpus)}: {', '.join(self.gpus)} ({self.source})"


def find_pool(
    chosen: Sequence[str | int] | None = None, env: Mapping[str, str] = os.environ
) -> Pool:
    """The pool: `chosen`, else MODELLAB_GPUS, else CUDA_VISIBLE_DEVICES, else all GPUs.

    The driver's numbers and UUIDs are meant (those of nvidia-smi). Raises InputError where a
    GPU is not present or is named twice. Without a driver, names are taken as they are.
    """
    if chosen is not None:
        return _named([str(name) for name in chosen], "chosen")
    if POOL in env:
        return _named(entries(env[POOL]), POOL)
    if VISIBLE in env:
        return _named(visible_entries(env), VISIBLE)
    driver = ask_driver()
    source = "all GPUs of the machine"
    if driver.problem:
        source = f"no NVIDIA driver answers: {driver.problem}; {POOL} and {VISIBLE} are not set"
    return Pool(tuple(gpu.uuid for gpu in driver.gpus), source)


def entries(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def visible_entries(env: Mapping[str, str] = os.environ) -> list[str]:
    """The GPUs in CUDA_VISIBLE_DEVICES, as CUDA reads it; none where it is not set."""
    names = entries(env.get(VISIBLE, ""))
    ends = [place for place, name in enumerate(names) if name in _ENDS]
    return names[: ends[0]] if ends else names


def _named(names: Sequence[str], source: str) -> Pool:
    real = any(not name.startswith(FAKE) for name in names)
    driver = ask_driver() if real else Driver(problem="not asked")
    gpus = tuple(_physical(name, source, driver) for name in names)
    doubled = {gpu for gpu in gpus if gpus.count(gpu) > 1}
    if doubled:
        raise InputError(f"{source}: names one GPU twice: {', '.join(sorted(doubled))}")
    return Pool(gpus, source)


def _physical(name: str, source: str, driver: Driver) -> str:
    """The UUID of a GPU; parts of a GPU (MIG) have UUIDs of their own, which stay."""
    if driver.problem or name.startswith((FAKE, "MIG-")):
        return name
    gpu = driver.find(name)
    if gpu is None:
        there = ", ".join(f"{gpu.index} ({gpu.uuid})" for gpu in driver.gpus) or "none"
        raise InputError(f"{source}: no GPU {name} in this machine; there are: {there}")
    return gpu.uuid
