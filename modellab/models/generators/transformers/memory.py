"""Memory of a device: used, free, exhausted."""

from __future__ import annotations

import ctypes
import gc
from typing import TYPE_CHECKING, Any

import psutil

from modellab.core.machine import describe_machine, peak_memory_bytes

if TYPE_CHECKING:
    import torch

MB = 2**20
GB = 2**30
#: share of system memory that is left to other processes
SPARED_SHARE = 0.02
#: error texts of CUDA, MPS and the CPU when memory runs out; cuBLAS and cuDNN, which take their
#: workspaces late, give the last four where a GPU is full
MARKS = (
    *("out of memory", "can't allocate memory", "not enough memory"),
    *("CUBLAS_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_NOT_INITIALIZED"),
    *("CUDNN_STATUS_ALLOC_FAILED", "CUDNN_STATUS_INTERNAL_ERROR"),
)
#: parameters of glibc's `mallopt`: M_MMAP_MAX, M_TOP_PAD, M_TRIM_THRESHOLD
MALLOC_SETTINGS = ((-4, 0), (-2, 256 * MB), (-1, 2**31 - 1))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on any device."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in MARKS)


class DeviceMemory:
    """The memory that a model on `device` ("cpu", "cuda" or "mps") takes from.

    `limit_gb` bounds what this process may take. On CUDA and MPS the allocator enforces it. On the
    CPU `check` compares the growth of the process since this object was made. On CUDA
    the model is on the first `gpus` visible GPUs, and may take one of `slots` equal parts of each.
    """

    def __init__(
        self, device: str, limit_gb: float | None = None, gpus: int = 1, slots: int = 1
    ) -> None:
        self.device = device
        self.gpus = range(gpus)
        self._limit = None if limit_gb is None else int(limit_gb * GB)
        self._process = psutil.Process()
        self._base = self._process.memory_info().rss
        self._highest = 0
        if device == "cuda" and slots > 1:
            part = min(_total_cuda(gpu) for gpu in self.gpus) // slots
            self._limit = min(part, self._limit or part)
        if device != "cpu" and self._limit is not None:
            self._limit_allocator(self._limit)

    def _limit_allocator(self, limit: int) -> None:
        import torch

        if self.device == "mps":
            torch.mps.set_per_process_memory_fraction(limit / torch.mps.recommended_max_memory())
            return
        for gpu in self.gpus:
            share = min(1.0, limit / _total_cuda(gpu))
            torch.cuda.set_per_process_memory_fraction(share, gpu)

    def free_bytes(self) -> int:
        """Free memory within the limit: of all its GPUs on CUDA."""
        import torch

        if self.device == "cuda":
            return sum(self.free_by_gpu().values())
        if self.device == "mps":
            most = torch.mps.recommended_max_memory()
            most = most if self._limit is None else min(most, self._limit)
            return most - torch.mps.driver_allocated_memory()
        free = int(psutil.virtual_memory().available)
        return free if self._limit is None else min(free, self._limit - self._grown_bytes())

    def free_by_gpu(self) -> dict[int, int]:
        """Free memory of each of the model's GPUs, within the limit."""
        import torch

        free = {gpu: int(torch.cuda.mem_get_info(gpu)[0]) for gpu in self.gpus}
        if self._limit is None:
            return free
        left = {gpu: self._limit - torch.cuda.memory_reserved(gpu) for gpu in self.gpus}
        return {gpu: max(0, min(free[gpu], left[gpu])) for gpu in self.gpus}

    def free_share(self) -> float:
        """The share of a GPU's free memory that this process may take; 1 without a limit."""
        import torch

        free = torch.cuda.mem_get_info(0)[0]
        return min(1.0, self.free_by_gpu()[0] / free) if free else 0.0

    def _grown_bytes(self) -> int:
        return int(self._process.memory_info().rss) - self._base

    def check(self) -> None:
        """Raise MemoryError when the limit is exceeded or the system's memory is nearly gone.

        Only where the model is in system memory; CUDA's allocator checks by itself.
        """
        system = psutil.virtual_memory()
        if system.available < SPARED_SHARE * system.total:
            raise MemoryError(f"only {system.available / GB:.1f} GB of system memory are left")
        if self.device == "cpu" and self._limit is not None and self._grown_bytes() > self._limit:
            raise MemoryError(f"vram_limit_gb of {self._limit / GB:g} is exceeded")

    def release(self) -> None:
        """Release unreferenced memory."""
        import torch

        gc.collect()
        if self.device == "cuda":
            torch.cuda.empty_cache()
        elif self.device == "mps":
            torch.mps.empty_cache()
        elif hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
            # otherwise the process does not appear to shrink
            libc.malloc_trim(0)

    def begin_batch(self) -> None:
        """Reset `peak_bytes`, where the device counts it."""
        import torch

        if self.device == "cuda":
            self._highest = max(self._highest, self.peak_bytes())
            for gpu in self.gpus:
                torch.cuda.reset_peak_memory_stats(gpu)

    def peak_bytes(self) -> int:
        """Peak memory on all GPUs since `begin_batch`; elsewhere that of the process so far."""
        import torch

        if self.device != "cuda":
            return peak_memory_bytes()
        return int(sum(torch.cuda.max_memory_allocated(gpu) for gpu in self.gpus))

    def reading(self, at: str) -> dict[str, Any]:
        """One line of the memory log, in MB; None where the device has no such number."""
        import torch

        allocated = reserved = peak = None
        if self.device == "cuda":
            allocated = sum(map(torch.cuda.memory_allocated, self.gpus))
            reserved = sum(map(torch.cuda.memory_reserved, self.gpus))
            peak = max(self._highest, self.peak_bytes())
        elif self.device == "mps":
            allocated = torch.mps.current_allocated_memory()
            reserved = torch.mps.driver_allocated_memory()
        found = {
            "allocated": allocated,
            "reserved": reserved,
            "peak": peak,
            "rss": self._process.memory_info().rss,
            "available_system": psutil.virtual_memory().available,
        }
        in_mb = {f"{k}_mb": None if v is None else round(v / MB, 1) for k, v in found.items()}
        return {"at": at, **in_mb}


class MemoryWatch:
    """A logits processor that changes nothing but checks the memory once per token."""

    def __init__(self, memory: DeviceMemory) -> None:
        self._memory = memory

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores and result: (rows, vocabulary). Raises MemoryError."""
        self._memory.check()
        return scores


def device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name() if device == "cuda" else describe_machine()["processor"]


def _total_cuda(gpu: int) -> int:
    import torch

    return int(torch.cuda.get_device_properties(gpu).total_memory)


def keep_freed_pages() -> None:
    """Let glibc serve all tensors from pages that the process already has.

    By default each large tensor is mapped, filled with zeros by the kernel and unmapped again,
    for each token of a batch: up to a third of a batch's processor time on the CPU.
    """
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        for number, value in MALLOC_SETTINGS:
            libc.mallopt(number, value)
