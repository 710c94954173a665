"""What one model's recorded answers to many questions cost, from file to leaderboard.

    python benchmarks/large_set.py --out benchmarks/results/large-set.md

The questions and the answers are CSV files made from those of the demo. The workflow runs by its
real command on one core; every job reports its CPU time and its peak memory when it ends.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from pathlib import Path

from workflow_jobs import ROOT, Job, run_workflow, table

from modellab.core.machine import describe_machine

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
        return run_workflow(folder, ["results/many/leaderboard.csv"]).processes


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
    for name, cells in (("questions.csv", rows), ("answers.csv", answers)):
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(cells[0]))
            writer.writeheader()
            writer.writerows(cells)
    (folder / "config.yaml").write_text(CONFIG.format(root=ROOT), encoding="utf-8")


def report(runs: dict[int, list[Job]]) -> str:
    """The table in Markdown: CPU seconds and peak MB of each script, by number of questions."""
    machine = describe_machine()
    lines = [
        "# Recorded answers of one model, from file to leaderboard",
        "",
        f"{machine['processor']}, {machine['cores']} cores. Cells are CPU seconds and peak MB.",
        "",
        *table({f"{count:,} questions": jobs for count, jobs in runs.items()}),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
