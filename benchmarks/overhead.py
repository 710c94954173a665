"""What the pipeline itself costs: ten generators of recorded answers, through the real commands.

    python benchmarks/overhead.py

Some minutes. Writes benchmarks/results/overhead.md.
"""

from __future__ import annotations

import csv
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from modellab.storage.atomic import atomic_file

ROOT = Path(__file__).parents[1]
RESULT = Path(__file__).with_name("results") / "overhead.md"
GENERATORS = 10
DATASETS = 2
CORES = 2
CONFIG = """\
corpora:
  ai-footprint: {{path: {root}/resources/demo/corpus}}
datasets:
{datasets}
retrievers:
  none: {{kind: none}}
models:
{models}
plots: [overall_ranking]
"""


@dataclass(frozen=True)
class Measured:
    """One command: its wall time and the jobs of its table."""

    seconds: float
    jobs: int


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_benchmark(folder)
        load = os.getloadavg()[0]
        rows = {
            "dry run, nothing done": measured(folder, "--dry-run"),
            "the whole run": measured(folder),
            "dry run, all done": measured(folder, "--dry-run"),
            "run, all done": measured(folder),
        }
        for picture in (folder / "results").glob("set-1/plots/*"):
            picture.unlink()
        rows["one plot deleted"] = measured(folder)
    with atomic_file(RESULT) as handle:
        handle.write(report(rows, load))
    sys.stdout.write(RESULT.read_text(encoding="utf-8"))


def write_benchmark(folder: Path) -> None:
    """Recorded answers are submissions: no model is loaded, so that only the pipeline is timed."""
    questions = ROOT / "resources" / "demo" / "questions.csv"
    with questions.open(encoding="utf-8", newline="") as handle:
        ids = [row["id"] for row in csv.DictReader(handle)]
    answers = "".join(f"{name},1,['gupta2021'],recorded\n" for name in ids)
    models = []
    for number in range(1, GENERATORS + 1):
        (folder / f"answers-{number}.csv").write_text(
            f"id,answer_value,ref_id,explanation\n{answers}"
        )
        models.append(f"  model-{number}: {{provider: submission, path: answers-{number}.csv}}")
    datasets = [
        f"  set-{number}: {{corpus: ai-footprint, questions: {questions}}}"
        for number in range(1, DATASETS + 1)
    ]
    text = CONFIG.format(root=ROOT, datasets="\n".join(datasets), models="\n".join(models))
    (folder / "config.yaml").write_text(text)


def measured(folder: Path, *arguments: str) -> Measured:
    sets = range(1, DATASETS + 1)
    files = ("leaderboard.csv", "matrix.csv", "plots/overall_ranking.png")
    targets = [f"results/set-{number}/{file}" for number in sets for file in files]
    command = [sys.executable, "-m", "snakemake", *targets, "--snakefile", str(ROOT / "Snakefile")]
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603
        [*command, "--cores", str(CORES), *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - start
    total = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.M)
    return Measured(seconds, int(total[1]) if total else 0)


def report(rows: dict[str, Measured], load: float) -> str:
    lines = [
        "# What the pipeline costs",
        "",
        f"{GENERATORS} generators of recorded answers on {DATASETS} datasets of 117 questions: "
        "from documents to leaderboards, matrices and one plot each. No model is loaded: the times "
        "are those of Snakemake, of starting processes and of the pipeline's own work. A question "
        "is never a job: jobs grow with models and datasets only.",
        "",
        f"Made by `python benchmarks/overhead.py` on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, {CORES} of them used; load average at the start {load:.1f}. "
        "One run; on a busy machine an upper bound.",
        "",
        "| command | jobs | wall s | s per job |",
        "|---|---:|---:|---:|",
    ]
    for name, row in rows.items():
        per_job = f"{row.seconds / row.jobs:.1f}" if row.jobs and "dry" not in name else "-"
        lines.append(f"| {name} | {row.jobs} | {row.seconds:.1f} | {per_job} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
