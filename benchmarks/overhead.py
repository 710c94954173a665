"""What the pipeline itself costs: recorded answers and a judge on loopback, by the real commands.

    python benchmarks/overhead.py

Ten generators, ten judges of each and ten production judges, and a small benchmark: that of the
tutorial, eight questions and three readers without weights. About five minutes on two cores.
Writes benchmarks/results/overhead.md.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fault_server import Play, good, serving  # noqa: E402
from workflow_jobs import SNAKEMAKE, Job, Run, run_workflow  # noqa: E402

from modellab.core.io.atomic import atomic_file  # noqa: E402

RESULT = Path(__file__).with_name("results") / "overhead.md"
GENERATORS = JUDGES = PRODUCTION_JUDGES = 10
ROWS = 20
CORES = 2
WHOLE = "the whole run"
TARGETS = [
    "judge",
    *(
        f"results/{name}/{file}"
        for name in ("answers", "profiles")
        for file in ("leaderboard.csv", "matrix.csv", "plots/overall_ranking.png")
    ),
]
#: each with the results that are deleted before it, and options
COMMANDS: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("dry run, nothing done", (), ["--dry-run"]),
    (WHOLE, (), ()),
    ("dry run, all done", (), ["--dry-run"]),
    ("run, all done", (), ()),
    ("one plot deleted", ["plots/[!.]*"], ()),
    (
        "judgements of one judge and their scores deleted",
        ["judgements/judge-1.jsonl", "judge_scores.csv"],
        (),
    ),
)
#: wall seconds of the same commands in the first version, with 155 jobs
FIRST = dict(zip((name for name, *_ in COMMANDS), (7.1, 676.2, 8.0, 7.0, 9.5, 12.4), strict=True))
CONFIG = """\
limit: {rows}
corpora:
  ai-footprint: {{path: {root}/resources/demo/corpus}}
datasets:
  answers: {{corpus: ai-footprint, questions: {root}/resources/demo/questions.csv}}
  profiles:
    questions: {root}/resources/demo-label/profiles.csv
    format: {{kind: label_csv, text: about_me, id: id, label: human_flag}}
    task:
      kind: label
      labels: [bad, good]
      spellings: {{bad: ["1"], good: ["0"]}}
      positive: bad
retrievers:
  none: {{kind: none}}
models:
{models}
judges:
{judges}
plots: [overall_ranking]
"""
QUESTIONS = """\
question,answer,source
How many litres an hour does the coffee machine brew?,12 litres,coffee.pdf
In which year was the coffee machine bought?,2021,coffee.pdf
How many people does Oak seat?,20 people,rooms.pdf
For how many hours at most can a room be booked?,3 hours,rooms.pdf
How high is the daily allowance?,28 euros,travel.pdf
Up to how many euros a night are hotels paid?,120 euros,travel.pdf
Within how many days are receipts handed in?,30 days,travel.pdf
How many parking spaces does the office have?,[],
"""
SMALL = """\
corpora:
  office: {{path: {root}/resources/tutorial}}
datasets:
  office: {{corpus: office, questions: questions.csv}}
retrievers:
  bm25: {{kind: bm25, top_k: 2}}
  oracle: {{kind: oracle}}
  none: {{kind: none}}
models:
  words: {{provider: extractive, match: words}}
  rare-words: {{provider: extractive, match: rare-words}}
  bold: {{provider: extractive, threshold: 0.0}}
"""
JUDGE = """\
  judge-{number}:
    kind: rubric
    model: {{provider: litellm, model: openai/judge-{number}, base_url_env: JUDGE_URL}}
    metrics: [correctness]
    datasets: [answers]
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, serving(verdict) as server:
        os.environ |= {"JUDGE_URL": server.url, "NO_PROXY": "127.0.0.1"}
        folder, small = Path(name) / "large", Path(name) / "small"
        folder.mkdir()
        small.mkdir()
        write_benchmark(folder)
        (small / "config.yaml").write_text(SMALL.format(root=ROOT))
        (small / "questions.csv").write_text(QUESTIONS)
        load = os.getloadavg()[0]
        small_run = run_workflow(small, ["all"], cores=CORES)
        rows = {}
        for command, deleted, arguments in COMMANDS:
            for pattern in deleted:
                for path in folder.glob(f"results/answers/{pattern}"):
                    path.unlink()
            rows[command] = run_workflow(folder, TARGETS, *arguments, cores=CORES)
        calls = len(server.bodies)
    with atomic_file(RESULT) as handle:
        handle.write(report(rows, load, calls, small_run))
    sys.stdout.write(RESULT.read_text(encoding="utf-8"))


def write_benchmark(folder: Path) -> None:
    """Recorded answers are submissions: no model is loaded, so that only the pipeline is timed."""
    answers = column(ROOT / "resources" / "demo" / "questions.csv", "id")
    profiles = column(ROOT / "resources" / "demo-label" / "profiles.csv", "id")
    models = []
    for number in range(1, GENERATORS + 1):
        rows = [f"{name},{number},['gupta2021'],recorded" for name in answers]
        models.append(
            recorded(folder, "answers", number, "id,answer_value,ref_id,explanation", rows)
        )
    for number in range(1, PRODUCTION_JUDGES + 1):
        rows = [f"{name},{'bad' if row % number else 'good'}" for row, name in enumerate(profiles)]
        models.append(recorded(folder, "profiles", number, "id,label", rows))
    judges = [JUDGE.format(number=number) for number in range(1, JUDGES + 1)]
    text = CONFIG.format(root=ROOT, rows=ROWS, models="".join(models), judges="".join(judges))
    (folder / "config.yaml").write_text(text)


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return [row[name] for row in csv.DictReader(handle)]


def recorded(folder: Path, dataset: str, number: int, head: str, rows: list[str]) -> str:
    """Write a submission; gives its entry in the config."""
    path = folder / f"{dataset}-{number}.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    options = f"provider: submission, path: {path.name}, datasets: [{dataset}]"
    return f"  {dataset}-{number}: {{{options}}}\n"


def verdict(_body: Mapping[str, Any], number: int) -> Play:
    return good(json.dumps({"score": 1 + number % 5}))


def report(rows: Mapping[str, Run], load: float, calls: int, small: Run) -> str:
    whole = rows[WHOLE]
    every = [job.cpu_seconds for job in whole.processes if job.script != SNAKEMAKE]
    lines = [
        "# What the pipeline costs",
        "",
        f"{GENERATORS} generators of recorded answers, {JUDGES} judges of each of them, and "
        f"{PRODUCTION_JUDGES} production judges of another dataset; {ROWS} questions each. From "
        "the documents to leaderboards, matrices, a plot each and all tables of judges. No model "
        f"is loaded, and the judges' server answers at once ({calls} calls): the times are those "
        "of Snakemake, of starting processes and of the pipeline's own work. A question is never a "
        "job: jobs grow with models, judges and datasets only.",
        "",
        f"Made by `python benchmarks/overhead.py` on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, {CORES} of them used; load average at the start {load:.1f}. "
        "One run; on a busy machine an upper bound.",
        "",
        "| command | jobs | wall s | CPU s | wall s, first version |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        cells = f"{row.seconds:.1f} | {row.cpu_seconds:.1f} | {FIRST[name]}"
        lines.append(f"| {name} | {row.jobs} | {cells} |")
    lines += [
        "",
        f"Of the whole run, {sum(every):.0f} CPU s are those of {len(every)} jobs, at the median "
        f"{median(every):.2f} s:",
        "",
        *by_script(whole.processes),
        "",
        "## A small benchmark",
        "",
        "That of the tutorial, with all plots and the page: eight questions, three readers without "
        f"weights, three retrievers. {small.jobs} jobs and {small.cpu_seconds:.0f} CPU s:",
        "",
        *by_script(small.processes),
    ]
    return "\n".join(lines) + "\n"


def by_script(processes: Sequence[Job]) -> list[str]:
    """A table of CPU seconds, the most first."""
    scripts: dict[str, list[float]] = {}
    for job in processes:
        scripts.setdefault(job.script, []).append(job.cpu_seconds)
    lines = [
        "| script | jobs | CPU s of a job (median) | CPU s of all |",
        "|---|---:|---:|---:|",
    ]
    for name, jobs in sorted(scripts.items(), key=lambda item: -sum(item[1])):
        lines.append(f"| {name} | {len(jobs)} | {median(jobs):.2f} | {sum(jobs):.1f} |")
    return lines


if __name__ == "__main__":
    main()
