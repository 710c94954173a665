"""What a result was made on: machine, interpreter and package versions."""

from __future__ import annotations

import platform
import resource
import sys
from importlib import metadata
from typing import Any

import psutil

import modellab

#: the packages whose version can change a result
PACKAGES = (
    "accelerate", "bm25s", "faiss-cpu", "numpy", "scikit-learn", "sentence-transformers",
    "snakemake", "tokenizers", "torch", "transformers",
)  # fmt: skip


def describe_machine() -> dict[str, Any]:
    """Plain JSON: system, processor, memory, GPUs (only where torch is already loaded)."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=True),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": _gpus(),
    }


def package_versions() -> dict[str, str]:
    """Versions of Python, this library and the packages that can change a result."""
    versions = {"python": platform.python_version(), "modellab": modellab.__version__}
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


def _gpus() -> list[dict[str, Any]]:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return []
    return [
        {"name": properties.name, "memory_gb": round(properties.total_memory / 2**30, 1)}
        for properties in map(torch.cuda.get_device_properties, range(torch.cuda.device_count()))
    ]
