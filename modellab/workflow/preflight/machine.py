"""This machine: Python, torch, CUDA, GPUs, free disk for downloads, a token for the hub."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok, warning
from modellab.core.machine import driver_version
from modellab.models.gpu.devices import FAKE, ask_driver, find_pool

#: less free disk than this is too little for the weights of a model of a few billion parameters
ROOM_GB = 20
GB = 2**30


def check_torch() -> Iterator[Finding]:
    """Python, torch, the CUDA it was built for, and bf16 where there is a GPU."""
    import torch

    yield ok("python", platform.python_version())
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    gpus = ask_driver().gpus
    if gpus and not torch.cuda.is_available():
        yield failure(
            "torch",
            f"{torch.__version__} (for {built}) cannot use the {len(gpus)} GPUs of the driver",
            "install a torch build for CUDA that fits the driver, or look at CUDA_VISIBLE_DEVICES",
        )
        return
    bf16 = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else None
    told = "" if bf16 is None else f", bf16 {'yes' if bf16 else 'no'}"
    yield ok("torch", f"{torch.__version__} for {built}{told}")


def check_gpus(required: str | None = None) -> Iterator[Finding]:
    """The pool with names and memory, the driver; `required` must be part of a card's name."""
    try:
        pool = find_pool()
    except InputError as error:
        yield failure("gpus", str(error), "correct the variable")
        return
    driver = ask_driver()
    known = {gpu.uuid: gpu for gpu in driver.gpus}
    names = [known[gpu].name if gpu in known else gpu for gpu in pool.gpus]
    if required is not None:
        yield _required(required, names)
        return
    if driver.gpus:
        yield ok("driver", driver_version() or "unknown version")
    if not pool.gpus:
        yield ok("gpus", f"none ({pool.source}): models run on the CPU")
    for gpu, name in zip(pool.gpus, names, strict=True):
        size = known[gpu].memory_bytes if gpu in known else None
        made_up = " (made up: for tests only)" if gpu.startswith(FAKE) else ""
        yield ok(f"gpu {gpu}", f"{name}{f', {size / GB:.0f} GiB' if size else ''}{made_up}")


def check_disk() -> Iterator[Finding]:
    """The free disk where the hub's models are kept."""
    from huggingface_hub.constants import HF_HUB_CACHE

    place = Path(HF_HUB_CACHE)
    there = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(there).free / GB
    if not os.access(there, os.W_OK):
        yield failure("disk", f"{there}: cannot be written", "name another folder in HF_HOME")
    elif free < ROOM_GB:
        yield warning(
            "disk", f"{free:.0f} GiB free at {place}", "free some, or set HF_HOME elsewhere"
        )
    else:
        yield ok("disk", f"{free:.0f} GiB free at {place}")


def check_hub_token() -> Iterator[Finding]:
    """Whether there is a token for the hub; never which."""
    from huggingface_hub import get_token

    there = get_token() is not None
    yield ok("hub token", "there" if there else "none (needed for gated models only: set HF_TOKEN)")


def _required(name: str, names: list[str]) -> Finding:
    if any(name.lower() in found.lower() for found in names):
        return ok("required gpu", f"{name} is there")
    there = ", ".join(names) or "none"
    return failure("required gpu", f"no {name} here (there are: {there})", "run on another machine")
