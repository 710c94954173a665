"""Human review of synthetic questions: a table to fill in, and the questions that are accepted.

Marks are joined by the id of a question. Its text is read from the questions, never from the
table, which a spreadsheet may have changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_json, read_json_rows, write_json, write_rows
from modellab.core.text.words import words
from modellab.evaluation.label_agreement import cohen_kappa

MARKS = ("is_question_ok", "is_answer_ok", "is_chunk_ok")
_SHOWN = ("id", "kind", "question", "answer", "chunk_ids", "chunk_text")
COLUMNS = (*_SHOWN, *MARKS, "notes")
_YES, _NO = frozenset({"1", "yes", "true"}), frozenset({"0", "no", "false"})
AGREEMENT_COLUMNS = ("mark", "annotator_a", "annotator_b", "kappa", "same", "n")

Marked = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class Imported:
    """The accepted questions; `unmarked` counts those that nobody marked."""

    kept: tuple[dict[str, Any], ...]
    refused: int
    unmarked: int
    agreement: tuple[dict[str, object], ...]


def export_annotation(questions: Path, out: Path) -> int:
    """Write a table with a row per question and empty marks; returns their number. CSV or JSON.

    Raises InputError for another ending, and for a file that holds no questions.
    """
    rows = [_row(row) for row in _questions(questions)]
    if out.suffix == ".json":
        write_json(out, rows)
    elif out.suffix == ".csv":
        write_frame(out, frame_of(rows, COLUMNS))
    else:
        raise InputError(f"{out}: write a .csv or a .json file")
    return len(rows)


def import_annotation(questions: Path, tables: Sequence[Path], out: Path) -> Imported:
    """Write the questions to `out` that every annotator who marked them accepts.

    A question is accepted with all three marks set to 1. Raises InputError (file, row) for marks
    that are neither 1 nor 0, a row half filled in, an unknown id or a changed text, and where no
    question passes.
    """
    found = {str(row["id"]): row for row in _questions(questions)}
    marks = {str(table): _marked(table, found) for table in tables}
    if len(marks) < len(tables):
        raise InputError(f"{tables[0]}: named twice; give each annotator's file once")
    given = {name: [m[name] for m in marks.values() if name in m] for name in found}
    kept = [found[name] for name, all_marks in given.items() if all_marks and _pass(all_marks)]
    unmarked = sum(not all_marks for all_marks in given.values())
    if not kept:
        raise InputError(f"{tables[0]}: no question passes ({unmarked} are not marked)")
    write_rows(out, kept)
    refused = len(found) - len(kept) - unmarked
    return Imported(tuple(kept), refused, unmarked, tuple(_agreement(marks)))


def _questions(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the questions.jsonl of a synthesis")
    rows = list(read_json_rows(path))
    for number, row in enumerate(rows, start=1):
        if not isinstance(row.get("id"), str) or not isinstance(row.get("question"), str):
            raise InputError(f"{path}: row {number}: no id or no question")
    if not rows:
        raise InputError(f"{path}: no questions")
    return rows


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    receipts = row.get("receipts") or {}
    chunks = receipts.get("chunks", [])
    shown = (
        row["id"],
        receipts.get("kind", ""),
        row["question"],
        row.get("answer") or "",
        " ".join(chunk["id"] for chunk in chunks),
        "\n\n".join(chunk["text"] for chunk in chunks),
    )
    return {**dict(zip(_SHOWN, shown, strict=True)), **dict.fromkeys((*MARKS, "notes"), "")}


def _marked(path: Path, known: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, bool]]:
    """The marks by question of one annotator; rows without a mark are left out."""
    found: dict[str, dict[str, bool]] = {}
    for place, row in _annotated(path):
        name = row["id"]
        if name not in known:
            # the apostrophe that keeps a spreadsheet from running it
            name = name.removeprefix("'")
        if name not in known:
            raise InputError(f"{place}: there is no question {name!r}")
        if name in found:
            raise InputError(f"{place}: duplicate question {name!r}")
        if words(row["question"]) != words(str(known[name]["question"])):
            raise InputError(
                f"{place}: the text of {name!r} was changed; refuse the question and say in "
                "notes what would be right"
            )
        cells = {mark: row[mark].strip().lower() for mark in MARKS}
        if any(cells.values()):
            found[name] = {mark: _truth(place, mark, cell) for mark, cell in cells.items()}
    return found


def _annotated(path: Path) -> list[tuple[str, dict[str, str]]]:
    needed = ("id", "question", *MARKS)
    if path.suffix != ".json":
        table = read_csv(path, needed)
        return [(f"{path}:{n}", row) for n, row in zip(table.lines, table.rows, strict=True)]
    rows = read_json(path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path}: must be a list of objects, as it was exported")
    for number, row in enumerate(rows, start=1):
        missing = [key for key in needed if key not in row]
        if missing:
            raise InputError(f"{path}: row {number}: no key {missing[0]!r}")
    return [
        (f"{path}: row {n}", {key: _cell(value) for key, value in row.items()})
        for n, row in enumerate(rows, start=1)
    ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _truth(place: str, mark: str, cell: str) -> bool:
    if cell not in _YES | _NO:
        said = repr(cell) if cell else "empty, though others of the row are not"
        raise InputError(f"{place}: {mark} is {said}; write 1 (good) or 0")
    return cell in _YES


def _pass(marks: Sequence[Mapping[str, bool]]) -> bool:
    return all(all(one.values()) for one in marks)


def _agreement(marks: Mapping[str, Marked]) -> list[dict[str, object]]:
    """For each pair of annotators and each mark: Cohen's kappa over questions marked by both."""
    rows: list[dict[str, object]] = []
    for (one, first), (other, second) in combinations(marks.items(), 2):
        both = [name for name in first if name in second]
        for mark in MARKS:
            a, b = ([str(found[name][mark]) for name in both] for found in (first, second))
            same = sum(x == y for x, y in zip(a, b, strict=True)) / len(both) if both else None
            kappa = cohen_kappa(a, b)
            values = (mark, one, other, kappa, same, len(both))
            rows.append(dict(zip(AGREEMENT_COLUMNS, values, strict=True)))
    return rows
