"""Submission files: answers that were made elsewhere, and how they meet the questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from modellab.core.errors import InputError
from modellab.core.io.delimited import read_delimited
from modellab.core.records import Question

REQUIRED = ("id", "answer_value", "ref_id")
#: the retriever's name in predictions that brought their own contexts
EXTERNAL = "external"
#: how many ids a message names
SHOWN = 20

MissingRows = Literal["incorrect", "ignore"]


@dataclass(frozen=True)
class SubmissionRow:
    """One row: its id, its cells as they stand in the file, and its line."""

    id: str
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Submission:
    """A file of answers, in the order of the file."""

    path: Path
    rows: tuple[SubmissionRow, ...]


@dataclass(frozen=True)
class Matched:
    """A submission beside the questions.

    `rows` holds each question's rows, in the order of the questions; `missing` the questions
    without a row, `extra` the ids that no question has, `duplicates` the lines of each id that
    stands more than once.
    """

    rows: Mapping[str, tuple[SubmissionRow, ...]]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    duplicates: Mapping[str, tuple[int, ...]]

    @property
    def coverage(self) -> float:
        """The share of questions that have a row, from 0 to 1."""
        return sum(map(bool, self.rows.values())) / len(self.rows)


def needed_columns(answer_schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a file of answers must have, by the JSON schema of the task's answers.

    Where an answer has several fields and no value, any of them may be left out: an answer that
    cannot be read then is unparsed.
    """
    fields = list(answer_schema.get("properties", REQUIRED[1:]))
    if "answer_value" in fields:
        return REQUIRED
    return ("id", "answer") if fields == ["answer"] else ("id",)


def read_submission(path: Path, required: Sequence[str] = REQUIRED) -> Submission:
    """Read a table of answers: id and the other `required` columns; more are optional.

    An empty answer_value stays empty. Raises InputError (file, line) for a missing column and
    an empty id.
    """
    table = read_delimited(path, required=required).table
    rows = tuple(
        SubmissionRow(cells["id"], line, cells)
        for line, cells in zip(table.lines, table.rows, strict=True)
    )
    for row in rows:
        if not row.id.strip():
            raise InputError(f"{path}:{row.line}: the id is empty; write the question's id")
    return Submission(path, rows)


def match(questions: Sequence[Question], submission: Submission) -> Matched:
    """Find each question's rows; ids are equal only letter by letter."""
    by_id: dict[str, list[SubmissionRow]] = {}
    for row in submission.rows:
        by_id.setdefault(row.id, []).append(row)
    rows = {question.id: tuple(by_id.get(question.id, ())) for question in questions}
    return Matched(
        rows=rows,
        missing=tuple(name for name, found in rows.items() if not found),
        extra=tuple(name for name in by_id if name not in rows),
        duplicates={
            name: tuple(row.line for row in found)
            for name, found in by_id.items()
            if len(found) > 1
        },
    )


def listed(ids: Sequence[str]) -> str:
    """Ids in one line: the first ones by name, the others as a count."""
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(map(repr, ids[:SHOWN])) + more


def complaints(matched: Matched) -> Iterator[str]:
    """One line for each kind of row that meets no question or more than one row."""
    if matched.missing:
        yield f"no row for {len(matched.missing)} questions: {listed(matched.missing)}"
    if matched.extra:
        yield f"{len(matched.extra)} ids that are no question's: {listed(matched.extra)}"
    if matched.duplicates:
        ids = list(matched.duplicates)
        yield f"{len(ids)} ids stand more than once: {listed(ids)}"
