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
import sys
import tempfile
from pathlib import Path

from workflow_jobs import Job, run_workflow, table

from modellab.core.machine import describe_machine

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
        f"{size} MB": run(FEW, ["results/many/tables/audit.csv", "results/many/report"], size)
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
        return run_workflow(folder, targets).processes


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
    for name, cells in (("questions.csv", questions), ("answers.csv", answers)):
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(cells[0]))
            writer.writeheader()
            writer.writerows(cells)
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


if __name__ == "__main__":
    main()
