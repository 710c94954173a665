"""Checks before a run: this machine, the config's files, and every model's reachability.

A new check of the machine is a function in CHECKS; a provider checks its models itself
(`ModelOptions.preflight`).
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from modellab.config.answering import models_used
from modellab.config.schema import Config
from modellab.core.errors import Finding, InputError, Severity, failure, ok, warning
from modellab.core.machine import driver_version
from modellab.core.secrets import scrub
from modellab.models.gpu.devices import FAKE, ask_driver, find_pool
from modellab.models.protocol import ModelOptions
from modellab.workflow.preflight.inputs import check_data, check_databases, check_indexes

#: free disk for the weights of a model of a few billion parameters
ROOM_GB = 20
GB = 2**30
PLUGIN = "snakemake_executor_plugin_slurm"
COMMANDS = ("sbatch", "squeue", "scancel", "sinfo")


def check_torch() -> Iterator[Finding]:
    """Python, torch, its CUDA version, and bf16 if there is a GPU."""
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
    support = "" if bf16 is None else f", bf16 {'yes' if bf16 else 'no'}"
    yield ok("torch", f"{torch.__version__} for {built}{support}")


def check_gpus(required: str | None = None) -> Iterator[Finding]:
    """The driver, and the GPUs with memory; or only whether a GPU's name has `required`."""
    try:
        pool = find_pool()
    except InputError as error:
        yield failure("gpus", str(error), "correct the variable")
        return
    driver = ask_driver()
    known = {gpu.uuid: gpu for gpu in driver.gpus}
    names = [known[gpu].name if gpu in known else gpu for gpu in pool.gpus]
    if required is not None:
        if any(required.lower() in name.lower() for name in names):
            yield ok("required gpu", f"{required} found")
        else:
            found = f"no {required} here (found: {', '.join(names) or 'none'})"
            yield failure("required gpu", found, "run on another machine")
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
    """The free disk space in the hub's cache."""
    from huggingface_hub.constants import HF_HUB_CACHE

    place = Path(HF_HUB_CACHE)
    existing = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(existing).free / GB
    if not os.access(existing, os.W_OK):
        yield failure("disk", f"{existing}: cannot be written", "name another folder in HF_HOME")
    elif free < ROOM_GB:
        yield warning(
            "disk", f"{free:.0f} GiB free at {place}", "free some, or set HF_HOME elsewhere"
        )
    else:
        yield ok("disk", f"{free:.0f} GiB free at {place}")


def check_hub_token() -> Iterator[Finding]:
    """Whether there is a token for the hub."""
    from huggingface_hub import get_token

    found = get_token() is not None
    yield ok("hub token", "found" if found else "none (needed for gated models only: set HF_TOKEN)")


def check_slurm() -> Iterator[Finding]:
    """The executor plugin, client commands, controller and accounting."""
    if importlib.util.find_spec(PLUGIN) is None:
        yield failure("slurm plugin", "not installed", "pip install -e '.[slurm]'")
    else:
        yield ok("slurm plugin", "installed")
    missing = [name for name in COMMANDS if shutil.which(name) is None]
    if missing:
        yield failure(
            "slurm", f"no {', '.join(missing)} here", "start the run on a login node of the cluster"
        )
        return
    command = [shutil.which("sinfo") or "sinfo", "--noheader", "--format=%P"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        output = getattr(error, "stderr", None)
        # bytes after a timeout
        text = output.decode(errors="replace") if isinstance(output, bytes) else output or ""
        why = (text.strip() or str(error)).splitlines()[0]
        yield failure("slurm", f"the controller does not answer: {why}", "ask the cluster's admins")
    else:
        lines = asked.stdout.splitlines()
        partitions = sorted({line.strip("* ") for line in lines if line.strip()})
        yield ok("slurm", f"partitions {', '.join(partitions)}")
    if shutil.which("sacct") is None:
        yield warning("slurm accounting", "no sacct here", "add --slurm-status-command squeue")


#: by section of the config
_SUBJECTS = {"models": "model", "judges": "judge", "synthesize": "synthesis"}
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    *(check_torch, check_gpus, check_disk, check_hub_token),
)


def preflight(
    config: Config, require_gpu: str | None = None, slurm: bool = False
) -> Iterator[Finding]:
    """All findings, those of the machine first."""
    for check in CHECKS:
        yield from check()
    if require_gpu is not None:
        yield from check_gpus(require_gpu)
    if slurm:
        yield from check_slurm()
    yield from check_data(config)
    yield from check_indexes(config)
    yield from check_databases(config)
    for (section, name, *keys), model in models_used(config).items():
        subject = f"{_SUBJECTS.get(section, section)} {name}"
        yield from _model(", ".join([subject, *([".".join(keys)] if keys else [])]), model)


def require_ready(config: Config, slurm: bool) -> None:
    """Print the findings. Raises InputError for a failure among them."""
    findings = list(preflight(config, slurm=slurm))
    print_findings(findings)
    if has_failed(findings):
        raise InputError("not ready: see the failures in the table")


def has_failed(findings: Sequence[Finding]) -> bool:
    return any(finding.level is Severity.FAILURE for finding in findings)


def print_findings(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.FAILURE: "bold red"}
    table = Table(show_edge=False)
    for column in ("what", "", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        level = Text(finding.level.value, style=colours[finding.level])
        table.add_row(Text(finding.subject), level, Text(finding.message), Text(finding.advice))
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def _model(subject: str, model: ModelOptions) -> Iterator[Finding]:
    found = False
    try:
        for finding in model.preflight(subject):
            found = True
            yield finding
    except InputError as error:
        yield failure(subject, scrub(str(error)), "")
        return
    if not found:
        yield ok(subject, "needs nothing but this machine")
