"""Provenance of answers: machine, package versions, and the run that made them."""

import os
import platform
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from modellab.core.io.journal import journals_beside
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.project import VERSION

#: packages that can affect results
PACKAGES = (
    "accelerate", "bitsandbytes", "bm25s", "faiss-cpu", "litellm", "numpy", "ollama",
    "scikit-learn", "sentence-transformers", "snakemake", "tokenizers", "torch", "transformers",
    "xgrammar",
)  # fmt: skip


def describe_machine() -> dict[str, Any]:
    """System, processor, memory, driver and GPUs as plain JSON.

    `visible_gpus` is CUDA_VISIBLE_DEVICES. GPUs are listed only if torch is already imported, which
    takes seconds and GPU memory.
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
    """Versions of Python, this library and the packages that can affect results."""
    found = {name: _version(name) for name in PACKAGES}
    versions = {"python": platform.python_version(), "modellab": VERSION}
    return versions | {name: version for name, version in found.items() if version}


@cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def peak_memory_bytes() -> int:
    """Peak memory of this process so far."""
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
    """Number of CPU threads of torch, or of OpenMP; None if not set."""
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


def made_on() -> dict[str, Any]:
    """Current time, machine and package versions, as plain JSON."""
    return {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": describe_machine(),
        "versions": package_versions(),
    }


class RunHistory:
    """The runs that wrote answers to one journal, by name; `name` is the current run.

    A run is recorded once its model is open, so that machine and server are known even if it is
    killed, and completed with its resource usage at the end.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def begin(self, model_report: Mapping[str, Any]) -> None:
        self._write({**made_on(), "model_report": model_report, "ended": False})

    def end(self, resource_usage: Mapping[str, Any]) -> None:
        """Complete the record of this run, if it made answers."""
        if resource_usage["generated"]:
            self._write({**resource_usage, "ended": True})

    def names(self) -> set[str]:
        """The runs of this journal."""
        return set(self._read())

    def of(self, names: Iterable[str | None]) -> list[dict[str, Any]]:
        """The runs with these names in order of time, each with its count.

        Of a run without a record, as of a journal that was copied alone, nothing else is known.
        """
        counts = Counter(name for name in names if name)
        known = self._with_others(counts)
        unknown = {"ended": False}
        return [
            {"run": name, "rows": counts[name], **known.get(name, unknown)}
            for name in sorted(counts)
        ]

    def _with_others(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The runs of this journal, and of answers taken over from other journals."""
        known = self._read()
        for path in journals_beside(self._path.with_suffix("").with_suffix(".jsonl")):
            missing = set(names) - known.keys()
            beside = path.with_suffix(".runs.json")
            if missing and beside.exists():
                known |= {k: v for k, v in read_json(beside).items() if k in missing}
        return known

    def _read(self) -> dict[str, dict[str, Any]]:
        known: dict[str, dict[str, Any]] = read_json(self._path) if self._path.exists() else {}
        return known

    def _write(self, record: Mapping[str, Any]) -> None:
        write_json(self._path, {**self._read(), self._name: record})
