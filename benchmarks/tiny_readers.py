"""What the tiny readers get right on the tiny world, out of the results of a run.

    snakemake --cores 2 results/tiny-world/leaderboard.csv
    python benchmarks/tiny_readers.py --out benchmarks/results/tiny-readers.md

The tables of the models' cards and of docs/tiny-readers.md: by retriever and phrasing, with what
the retriever found beside what the reader made of it.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "resources" / "tiny-world" / "questions.csv"
BLANK = "is_blank"
PHRASINGS = {"": "known", "phrasing_held_out": "new"}
HEADS = (
    *("reader", "passages", "phrasing", "n", "found", "value", "value, if found"),
    *("reference, if found", "false blanks", "of them found", "blank recall"),
)

Row = Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """One marked answer; `found`: the right document was among the passages (None: no answer)."""

    row: Row
    phrasing: str
    found: bool | None

    @property
    def blank(self) -> bool:
        return self.row["answer_value"] == BLANK


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("results/tiny-world"))
    parser.add_argument("--readers", nargs="*", help="default: all whose name begins so")
    parser.add_argument("--out", type=Path, help="a file for the table")
    args = parser.parse_args()
    found = sorted(path.stem for path in (args.results / "scores").glob("tiny-reader-*.csv"))
    lines = ["| " + " | ".join(HEADS) + " |", "|---|---|---|" + "---:|" * (len(HEADS) - 3)]
    for reader in args.readers or found:
        lines += table(args.results, reader)
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if args.out:
        args.out.write_text(f"# Tiny readers on tiny-world\n\n{text}", encoding="utf-8")


def table(results: Path, reader: str) -> Iterable[str]:
    questions = {row["id"]: row for row in rows_of(QUESTIONS)}
    marked = rows_of(results / "scores" / f"{reader}.csv")
    for retriever in dict.fromkeys(row["retriever"] for row in marked):
        shown = passages(results / "contexts" / f"{retriever}.jsonl")
        every = [
            answered(row, questions[row["question_id"]], shown)
            for row in marked
            if row["retriever"] == retriever
        ]
        for phrasing in PHRASINGS.values():
            yield line(reader, retriever, phrasing, [a for a in every if a.phrasing == phrasing])


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def passages(path: Path) -> dict[str, set[str]]:
    """The documents that each question was shown."""
    with path.open(encoding="utf-8") as handle:
        contexts = [json.loads(text) for text in handle]
    return {c["question_id"]: {p["document_id"] for p in c["passages"]} for c in contexts}


def answered(row: Row, question: Row, shown: Mapping[str, set[str]]) -> Answered:
    phrasing = PHRASINGS[question["phrasing"]]
    if question["ref_id"] == BLANK:
        return Answered(row, phrasing, None)
    wanted = set(ast.literal_eval(question["ref_id"]))
    return Answered(row, phrasing, wanted <= shown[row["question_id"]])


def line(reader: str, retriever: str, phrasing: str, every: Sequence[Answered]) -> str:
    asked = [one for one in every if one.found is not None]
    found = [one for one in asked if one.found]
    untold = [one for one in every if one.found is None]
    cells = [
        share([bool(one.found) for one in asked]),
        share([float(one.row["value_correct"]) == 1 for one in asked]),
        share([float(one.row["value_correct"]) == 1 for one in found]),
        share([float(one.row["ref_score"]) == 1 for one in found]),
        share([one.blank for one in asked]),
        share([one.blank for one in found]),
        share([one.blank for one in untold]),
    ]
    return "| " + " | ".join([reader, retriever, phrasing, str(len(asked)), *cells]) + " |"


def share(marks: Sequence[bool]) -> str:
    return f"{sum(marks) / len(marks):.2f}" if marks else ""


if __name__ == "__main__":
    main()
