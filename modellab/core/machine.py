"""What a result was made on: machine, interpreter and package versions."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib import metadata
from typing import Any

import psutil

from modellab.core.version import VERSION

#: the packages whose version can change a result
PACKAGES = (
    "accelerate", "bitsandbytes", "bm25s", "faiss-cpu", "litellm", "numpy", "ollama",
    "scikit-learn", "sentence-transformers", "snakemake", "tokenizers", "torch", "transformers",
    "xgrammar",
)  # fmt: skip


def describe_machine() -> dict[str, Any]:
    """Plain JSON: system, processor, memory, and the GPUs of the driver and of torch.

    `visible_gpus` is CUDA_VISIBLE_DEVICES: the GPUs that the job was given; `threads` those of its
    rule.

    torch is asked only where it is already loaded: importing it takes seconds and a GPU.
    """
    return {
        "visible_gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=True),
        "threads": _threads(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "driver": driver_version(),
        **_torch_devices(),
    }


def package_versions() -> dict[str, str]:
    """Versions of Python, this library and the packages that can change a result."""
    versions = {"python": platform.python_version(), "modellab": VERSION}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def peak_memory_bytes() -> int:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _processor() -> str:
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as handle:
            for line in handle:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def driver_version() -> str | None:
    """The version of the NVIDIA driver; None where there is none."""
    from pynvml import NVMLError, nvmlInit, nvmlSystemGetDriverVersion

    try:
        nvmlInit()
        return str(nvmlSystemGetDriverVersion())
    except NVMLError:
        return None


def _threads() -> int | None:
    """The threads that a step of the CPU may take; None where nothing says so."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() else None


def _torch_devices() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return {"cuda": None, "bf16": None, "gpus": []}
    present = torch.cuda.is_available()
    count = torch.cuda.device_count() if present else 0
    return {
        "cuda": torch.version.cuda,
        "bf16": torch.cuda.is_bf16_supported() if present else None,
        "gpus": [
            {"name": found.name, "memory_gb": round(found.total_memory / 2**30, 1)}
            for found in map(torch.cuda.get_device_properties, range(count))
        ],
    }
