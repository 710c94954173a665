"""Time and memory of large inputs, by the workflow's real commands on one core.

    python benchmarks/large_inputs.py --out benchmarks/results/large-inputs.md

First a growing set: ten short chunks per question, with recorded answers of one model, from reading
to the leaderboard. Then a small set with one answer of some megabytes, to the audit and the report
page. Every job reports its CPU time and its peak memory when it ends.
"""

from __future__ import annotations

import argparse
import csv
import json
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
  notes: {path: corpus.jsonl, chunking: {by: rows}}
datasets:
  many: {corpus: notes, questions: questions.csv, task: open_qa}
retrievers:
  none: {kind: none}
models:
  recorded: {provider: submission, path: answers.csv}
"""
CHUNKS_PER_QUESTION = 10
#: questions of the set with a long answer
FEW = 20


@dataclass(frozen=True)
class Job:
    """One process of the workflow."""

    script: str
    cpu_seconds: float
    megabytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, nargs="+", default=[5000, 10_000, 20_000])
    parser.add_argument("--megabytes", type=int, nargs="+", default=[0, 10])
    parser.add_argument("--out", type=Path, help="a file for the tables")
    args = parser.parse_args()
    growing = {
        f"{CHUNKS_PER_QUESTION * count:,} chunks, {count:,} questions": run(
            count, ["results/many/leaderboard.csv"]
        )
        for count in args.questions
    }
    long = {
        f"{size} MB": run(FEW, ["results/many/audit.csv", "results/many/report"], size)
        for size in args.megabytes
    }
    text = report(growing, long)
    sys.stdout.write(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def run(count: int, targets: list[str], megabytes: int = 0) -> list[Job]:
    """The jobs from the files to the targets; one answer has this length."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, count, megabytes)
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


def write_files(folder: Path, count: int, megabytes: int = 0) -> None:
    """Chunks, questions and answers: three of ten answers are wrong, one is empty."""
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as handle:
        for n in range(CHUNKS_PER_QUESTION * count):
            text = f"Station {n} measured {n % 97} litres of water on day {n % 365} of the year."
            handle.write(json.dumps({"id": f"c{n}", "text": text}) + "\n")
    questions = [
        {
            "id": f"q{n}",
            "question": f"How much water did station {n} measure?",
            "answer": f"{n % 97} litres of water",
            "chunks": f"c{n}",
        }
        for n in range(count)
    ]
    wrong = {0: "", 3: "nobody knows", 6: "half a litre", 9: "a lot"}
    answers = [
        {"id": row["id"], "answer": wrong.get(n % 10, row["answer"])}
        for n, row in enumerate(questions)
    ]
    if megabytes:
        sentence = f"{questions[1]['answer']}, and not {{}} litres. "
        parts = (sentence.format(n) for n in range(megabytes * 1_000_000 // len(sentence)))
        answers[1]["answer"] = "".join(parts)
    for name, table in (("questions.csv", questions), ("answers.csv", answers)):
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")


def report(growing: dict[str, list[Job]], long: dict[str, list[Job]]) -> str:
    machine = describe_machine()
    lines = [
        "# Large inputs",
        "",
        f"{machine['processor']}, {machine['cores']} cores. Cells are CPU seconds and peak MB of "
        "each script on one core.",
        "",
        "## Short chunks and recorded answers, from the files to the leaderboard",
        "",
        *table(growing),
        "",
        f"## One long answer among {FEW}, from the files to audit and report page",
        "",
        *table(long),
    ]
    return "\n".join(lines) + "\n"


def table(runs: dict[str, list[Job]]) -> list[str]:
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


if __name__ == "__main__":
    main()
