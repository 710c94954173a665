"""What one model's recorded answers to many questions cost, from file to leaderboard.

    python benchmarks/large_set.py --out benchmarks/results/large-set.md

The questions and the answers are CSV files made from those of the demo. The workflow runs by its
real command on one core; every job reports its CPU time and its peak memory when it ends.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from modellab.core.machine import describe_machine

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
CONFIG = """\
corpora:
  ai-footprint: {{path: {root}/resources/demo/corpus}}
datasets:
  many: {{corpus: ai-footprint, questions: questions.csv}}
retrievers:
  none: {{kind: none}}
models:
  recorded: {{provider: submission, path: answers.csv}}
"""


@dataclass(frozen=True)
class Job:
    """One process of the workflow."""

    script: str
    cpu_seconds: float
    megabytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--out", type=Path, help="a file for the table")
    args = parser.parse_args()
    text = report({count: run(count) for count in args.questions})
    sys.stdout.write(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def run(count: int) -> list[Job]:
    """The jobs from the two files to the leaderboard."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, count)
        (folder / HOOK).mkdir()
        (folder / HOOK / "sitecustomize.py").write_text(SITECUSTOMIZE)
        command = [sys.executable, "-m", "snakemake", "results/many/leaderboard.csv"]
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


def write_files(folder: Path, count: int) -> None:
    """Questions and answers: three of ten answers are wrong, one abstains."""
    with (ROOT / "resources/demo/questions.csv").open(encoding="utf-8", newline="") as handle:
        known = list(csv.DictReader(handle))
    rows = [
        {**row, "id": f"q{number}", "question": f"{number}. {row['question']}"}
        for number, row in ((n, known[n % len(known)]) for n in range(count))
    ]
    answers = [
        {
            "id": row["id"],
            "answer_value": {0: "is_blank", 3: "-1", 6: "-1", 9: "-1"}.get(
                n % 10, row["answer_value"]
            ),
            "ref_id": row["ref_id"],
            "explanation": row["explanation"],
        }
        for n, row in enumerate(rows)
    ]
    for name, table in (("questions.csv", rows), ("answers.csv", answers)):
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "config.yaml").write_text(CONFIG.format(root=ROOT), encoding="utf-8")


def report(runs: dict[int, list[Job]]) -> str:
    """The table in Markdown: CPU seconds and peak MB of each script, by number of questions."""
    machine = describe_machine()
    lines = [
        "# Recorded answers of one model, from file to leaderboard",
        "",
        f"{machine['processor']}, {machine['cores']} cores. Cells are CPU seconds and peak MB.",
        "",
        "| script | " + " | ".join(f"{count:,} questions" for count in runs) + " |",
        "|---" * (len(runs) + 1) + "|",
    ]
    scripts = dict.fromkeys(job.script for jobs in runs.values() for job in jobs)
    for name in (*scripts, ""):
        cells = []
        for jobs in runs.values():
            own = [job for job in jobs if name in ("", job.script)]
            memory = max((job.megabytes for job in own), default=0)
            cells.append(f"{sum(job.cpu_seconds for job in own):.1f} s, {memory:,} MB")
        lines.append(f"| {name or '**all**'} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
