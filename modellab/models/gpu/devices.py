"""The NVIDIA GPUs of this machine, and those among them that this process may use."""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from modellab.core.errors import InputError

log = logging.getLogger("modellab.models.gpu")

POOL = "MODELLAB_GPUS"
VISIBLE = "CUDA_VISIBLE_DEVICES"
#: prefix of GPU names for tests, which are not looked up in the driver
FAKE = "fake"
#: CUDA stops reading the list at one of these
_ENDS = ("-1", "NoDevFiles")


@dataclass(frozen=True)
class Gpu:
    """One physical GPU; `index` is the number that nvidia-smi shows."""

    index: int
    uuid: str
    name: str
    memory_bytes: int | None


@dataclass(frozen=True)
class GpuDriver:
    """The GPUs of the driver, or why it does not answer."""

    gpus: tuple[Gpu, ...] = ()
    problem: str | None = None

    def find(self, name: str) -> Gpu | None:
        """The GPU of an index, a UUID or an unambiguous prefix of a UUID."""
        if name.isdigit():
            found = [gpu for gpu in self.gpus if gpu.index == int(name)]
        else:
            found = [gpu for gpu in self.gpus if gpu.uuid.startswith(name)]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Pool:
    """GPUs by physical name (a UUID where the driver knows them), and where they are listed."""

    gpus: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        if not self.gpus:
            return f"has none ({self.source})"
        return f"has {len(self.gpus)}: {', '.join(self.gpus)} ({self.source})"


def ask_driver() -> GpuDriver:
    """All GPUs that the driver knows, also those hidden by CUDA_VISIBLE_DEVICES."""
    from pynvml import NVMLError, nvmlDeviceGetCount, nvmlInit, nvmlShutdown

    try:
        nvmlInit()
    except NVMLError as error:
        return GpuDriver(problem=str(error))
    try:
        found = [_gpu(index) for index in range(nvmlDeviceGetCount())]
        return GpuDriver(tuple(gpu for gpu in found if gpu is not None))
    finally:
        nvmlShutdown()


def _gpu(index: int) -> Gpu | None:
    """A GPU; None, with a warning, where it has failed and no longer answers."""
    import pynvml

    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        uuid, name = pynvml.nvmlDeviceGetUUID(handle), pynvml.nvmlDeviceGetName(handle)
    except pynvml.NVMLError as error:
        log.warning("GPU %d does not answer and is left out: %s", index, error)
        return None
    memory: int | None = None
    # some GPUs share the machine's memory
    with suppress(pynvml.NVMLError_NotSupported):
        memory = int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
    return Gpu(index, uuid, name, memory)


def find_pool(
    chosen: Sequence[str | int] | None = None, env: Mapping[str, str] = os.environ
) -> Pool:
    """The pool: `chosen`, else MODELLAB_GPUS, else CUDA_VISIBLE_DEVICES, else all GPUs.

    Numbers and UUIDs are the driver's (those of nvidia-smi). Raises InputError where a GPU is
    not present or is listed twice. Without a driver, names are taken unchecked.
    """
    if chosen is not None:
        return _named([str(name) for name in chosen], "chosen")
    if POOL in env:
        return _named(_entries(env[POOL]), POOL)
    if VISIBLE in env:
        return _named(visible_entries(env), VISIBLE)
    driver = ask_driver()
    source = "all GPUs of the machine"
    if driver.problem:
        source = f"no NVIDIA driver answers: {driver.problem}; {POOL} and {VISIBLE} are not set"
    return Pool(tuple(gpu.uuid for gpu in driver.gpus), source)


def visible_entries(env: Mapping[str, str] = os.environ) -> list[str]:
    """The GPUs in CUDA_VISIBLE_DEVICES, as CUDA reads it; none where it is not set."""
    names = _entries(env.get(VISIBLE, ""))
    ends = [place for place, name in enumerate(names) if name in _ENDS]
    return names[: ends[0]] if ends else names


def _entries(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def _named(names: Sequence[str], source: str) -> Pool:
    real = any(not name.startswith(FAKE) for name in names)
    driver = ask_driver() if real else GpuDriver(problem="not asked")
    gpus = tuple(_physical(name, source, driver) for name in names)
    doubled = {gpu for gpu in gpus if gpus.count(gpu) > 1}
    if doubled:
        raise InputError(f"{source}: names one GPU twice: {', '.join(sorted(doubled))}")
    return Pool(gpus, source)


def _physical(name: str, source: str, driver: GpuDriver) -> str:
    """The UUID of a GPU; parts of a GPU (MIG) keep their own UUIDs."""
    if driver.problem or name.startswith((FAKE, "MIG-")):
        return name
    gpu = driver.find(name)
    if gpu is None:
        there = ", ".join(f"{gpu.index} ({gpu.uuid})" for gpu in driver.gpus) or "none"
        raise InputError(f"{source}: no GPU {name} in this machine; there are: {there}")
    return gpu.uuid
