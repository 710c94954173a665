"""What the scripts of the workflow's jobs use, when it runs by its real command on one core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOOK = "hook"
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


def run_workflow(folder: Path, targets: Sequence[str]) -> list[Job]:
    """The jobs that make the targets of the benchmark in a folder. Exits if the workflow fails."""
    (folder / HOOK).mkdir()
    (folder / HOOK / "sitecustomize.py").write_text(SITECUSTOMIZE)
    command = [sys.executable, "-m", "snakemake", *targets]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
    paths = os.pathsep.join([str(folder / HOOK), str(ROOT)])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    lines = (folder / HOOK / "used.txt").read_text().splitlines()
    return [Job(name, float(cpu), int(mb)) for name, cpu, mb in map(str.split, lines)]


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
