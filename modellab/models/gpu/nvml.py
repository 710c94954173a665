"""The NVIDIA GPUs of this machine, as their driver lists them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

log = logging.getLogger("modellab.models.gpu")


@dataclass(frozen=True)
class Gpu:
    """One physical GPU; `index` is the number that nvidia-smi shows."""

    index: int
    uuid: str
    name: str
    memory_bytes: int | None


@dataclass(frozen=True)
class Driver:
    """The GPUs of the driver, or why it does not answer."""

    gpus: tuple[Gpu, ...] = ()
    problem: str | None = None

    def find(self, name: str) -> Gpu | None:
        """The GPU of an index, a UUID or the beginning of one UUID only."""
        if name.isdigit():
            found = [gpu for gpu in self.gpus if gpu.index == int(name)]
        else:
            found = [gpu for gpu in self.gpus if gpu.uuid.startswith(name)]
        return found[0] if len(found) == 1 else None


def ask_driver() -> Driver:
    """Ask the driver for all its GPUs, also those hidden by CUDA_VISIBLE_DEVICES."""
    from pynvml import NVMLError, nvmlDeviceGetCount, nvmlInit, nvmlShutdown

    try:
        nvmlInit()
    except NVMLError as error:
        return Driver(problem=str(error))
    try:
        found = [_gpu(index) for index in range(nvmlDeviceGetCount())]
        return Driver(tuple(gpu for gpu in found if gpu is not None))
    finally:
        nvmlShutdown()


def _gpu(index: int) -> Gpu | None:
    """A GPU; None, with a warning, where it has failed and no longer answers."""
    from pynvml import (
        NVMLError,
        nvmlDeviceGetHandleByIndex,
        nvmlDeviceGetName,
        nvmlDeviceGetUUID,
    )

    try:
        handle = nvmlDeviceGetHandleByIndex(index)
        uuid, name = nvmlDeviceGetUUID(handle), nvmlDeviceGetName(handle)
    except NVMLError as error:
        log.warning("GPU %d does not answer and is left out: %s", index, error)
        return None
    return Gpu(index, uuid, name, _memory_bytes(handle))


def _memory_bytes(handle: object) -> int | None:
    """All memory of a GPU; None where it shares the machine's."""
    from pynvml import NVMLError_NotSupported, nvmlDeviceGetMemoryInfo

    try:
        return int(nvmlDeviceGetMemoryInfo(handle).total)
    except NVMLError_NotSupported:
        return None
