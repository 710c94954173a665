"""What the scripts of the workflow's jobs use, when it runs by its real command on one core."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOOK = "hook"
SNAKEMAKE = "(Snakemake)"
SITECUSTOMIZE = """\
import atexit, os, resource, sys

def report():
    name = os.path.basename(sys.argv[0]).split(".")
    used = resource.getrusage(resource.RUSAGE_SELF)
    what = name[1] if len(name) == 3 and name[0].startswith("tmp") else "(Snakemake)"
    if what != "(Snakemake)" or "--snakefile" in sys.argv:
        with open(os.path.join(os.path.dirname(__file__), "used.txt"), "a") as handle:
            seconds = sum(os.times()[:2])
            handle.write(f"{what} {seconds:.2f} {used.ru_maxrss // 1024}\\n")

atexit.register(report)
"""


@dataclass(frozen=True)
class Job:
    """One process of the workflow."""

    script: str
    cpu_seconds: float
    megabytes: int


@dataclass(frozen=True)
class Run:
    """One command: its time with all its processes, and each of them.

    `jobs` are those with a script, or of a dry run those that would run.
    """

    seconds: float
    cpu_seconds: float
    jobs: int
    processes: list[Job]


def run_workflow(folder: Path, targets: Sequence[str], *arguments: str, cores: int = 1) -> Run:
    """Make the targets of the benchmark in a folder. Exits if the workflow fails."""
    used = folder / HOOK / "used.txt"
    used.parent.mkdir(exist_ok=True)
    used.unlink(missing_ok=True)
    used.with_name("sitecustomize.py").write_text(SITECUSTOMIZE)
    command = [sys.executable, "-m", "snakemake", *targets]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--cores", str(cores), *arguments]
    paths = os.pathsep.join([str(used.parent), str(ROOT)])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    # as is usual
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start, before = time.monotonic(), _cpu_seconds()
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    seconds, cpu = time.monotonic() - start, _cpu_seconds() - before
    lines = used.read_text().splitlines()
    processes = [Job(name, float(one), int(mb)) for name, one, mb in map(str.split, lines)]
    planned = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.M)
    jobs = int(planned[1]) if planned else sum(job.script != SNAKEMAKE for job in processes)
    return Run(seconds, cpu, jobs, processes)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(runs: Mapping[str, Sequence[Job]]) -> list[str]:
    """A row per script, and for all scripts the sum of seconds and the largest memory."""
    lines = [f"| script | {' | '.join(runs)} |", "|---" * (len(runs) + 1) + "|"]
    for name in (*dict.fromkeys(job.script for jobs in runs.values() for job in jobs), ""):
        cells = []
        for jobs in runs.values():
            own = [job for job in jobs if name in ("", job.script)]
            memory = max((job.megabytes for job in own), default=0)
            cells.append(f"{sum(job.cpu_seconds for job in own):.1f} s, {memory:,} MB")
        lines.append(f"| {name or '**all**'} | {' | '.join(cells)} |")
    return lines
