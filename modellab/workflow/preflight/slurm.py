"""What a run on a SLURM cluster needs where it is started."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator

from modellab.core.findings import Finding, failure, ok, warning

PLUGIN = "snakemake_executor_plugin_slurm"
COMMANDS = ("sbatch", "squeue", "scancel", "sinfo")


def check_slurm() -> Iterator[Finding]:
    """The executor plugin, the client commands, an answering controller, accounting."""
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
    yield _controller()
    if shutil.which("sacct") is None:
        yield warning("slurm accounting", "no sacct here", "add --slurm-status-command squeue")


def _controller() -> Finding:
    command = [shutil.which("sinfo") or "sinfo", "--noheader", "--format=%P"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None)
        # of a command that took too long it is bytes
        text = said.decode(errors="replace") if isinstance(said, bytes) else said or ""
        why = (text.strip() or str(error)).splitlines()[0]
        return failure(
            "slurm", f"the controller does not answer: {why}", "ask the cluster's admins"
        )
    partitions = sorted({line.strip("* ") for line in asked.stdout.splitlines() if line.strip()})
    return ok("slurm", f"partitions {', '.join(partitions)}")
